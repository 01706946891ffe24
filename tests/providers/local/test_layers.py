import numpy as np
from PIL import Image

from studio.providers.local.composer import compose, set_stage
from studio.providers.local.layers import Layer, Plate, drop_hidden, to_bytes
from studio.providers.local.motion import PUSH, camera
from studio.providers.local.scene import Scene, understand
from studio.providers.local.stage import Stage


def seen(layers: list[Layer], scene: Scene, stage: Stage, index: int) -> np.ndarray:
    frame = Image.new("RGB", (stage.width, stage.height))
    for layer in layers:
        layer.draw(frame, camera(scene, stage, index, 96))
    return np.asarray(frame).astype(int)


def rows_held(layers: list[Layer]) -> int:
    return sum(layer.colour.height for layer in layers if isinstance(layer, Plate))


def test_what_is_hidden_can_be_dropped_wherever_the_camera_goes() -> None:
    for prompt in ("mountains at sunset", "forest in fog", "a meadow with flowers before mountains"):
        scene = understand(prompt, seed=3)
        stage = set_stage(scene, 320, 180)
        layers = list(compose(scene, stage))
        before, held = [seen(layers, scene, stage, index) for index in (0, 50, 95)], rows_held(layers)
        drop_hidden(layers, margin=round(stage.height * PUSH * 0.6))
        after = [seen(layers, scene, stage, index) for index in (0, 50, 95)]
        assert rows_held(layers) < 0.9 * held
        assert max(np.abs(a - b).max() for a, b in zip(before, after, strict=True)) <= 2


def test_dithering_keeps_the_mean_of_what_lies_between_two_bytes() -> None:
    level = np.full((256, 256, 3), 100.3 / 255, np.float32)
    assert abs(float(to_bytes(level).mean()) - 100.3) < 0.05
    assert set(np.unique(to_bytes(level))) == {100, 101}
