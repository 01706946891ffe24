from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.providers.local.engines import PRESETS
from studio.providers.local.job import RenderJob
from studio.providers.local.render import render

from .painting import ignore, paint

PROMPTS = (
    "mountains at sunset", "a lake at dawn", "the sea at noon", "a pine forest in fog", "a city at night",
    "desert dunes", "a meadow with flowers", "a nebula in space", "abstract silk", "northern lights",
)  # fmt: skip


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp"])
def test_the_same_prompt_and_seed_give_the_same_bytes(tmp_path: Path, extension: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        paint(out, "a city by the sea at dusk, rain, birds", format=extension)
    assert first.read_bytes() == second.read_bytes()


def test_different_prompts_look_different(tmp_path: Path) -> None:
    pictures = [paint(tmp_path / "out.png", prompt) for prompt in PROMPTS]
    for first, second in combinations(pictures, 2):
        assert np.abs(first - second).mean() > 12


def test_different_seeds_look_different(tmp_path: Path) -> None:
    first, second = (paint(tmp_path / "out.png", "mountains at noon", seed=seed) for seed in (1, 2))
    assert np.abs(first - second).mean() > 8


def test_no_picture_is_flat_or_blown_out(tmp_path: Path) -> None:
    for prompt in PROMPTS:
        picture = paint(tmp_path / "out.png", prompt)
        assert picture.std() > 14, prompt
        assert (picture.min(axis=2) > 250).mean() < 0.2, prompt


def test_the_negative_prompt_takes_the_clouds_from_the_sky(tmp_path: Path) -> None:
    cloudy = paint(tmp_path / "out.png", "the sea at noon, clouds", seed=2)
    clear = paint(tmp_path / "out.png", "the sea at noon, clouds", seed=2, negative_prompt="clouds, sun")
    sky = slice(0, 80)
    assert _roughness(clear[sky]) < _roughness(cloudy[sky]) / 2


def test_the_negative_prompt_puts_the_stars_out(tmp_path: Path) -> None:
    prompt = "desert at night"
    starry = paint(tmp_path / "out.png", prompt, size=512, negative_prompt="clouds, grain")
    dark = paint(tmp_path / "out.png", prompt, size=512, negative_prompt="clouds, grain, stars")
    sky = slice(0, 140)
    assert starry[sky].max() > dark[sky].max() + 60
    assert np.array_equal(starry[-20:], dark[-20:])


def test_the_negative_prompt_takes_the_sun_away(tmp_path: Path) -> None:
    sunny = paint(tmp_path / "out.png", "the sea at noon, clear", seed=2)
    sunless = paint(tmp_path / "out.png", "the sea at noon, clear", seed=2, negative_prompt="sun")
    assert (sunny.min(axis=2) > 225).sum() > 20
    assert (sunless.min(axis=2) > 225).sum() < (sunny.min(axis=2) > 225).sum() / 10


@pytest.mark.parametrize(("ratio", "size"), [("1:1", (320, 320)), ("9:16", (180, 320)), ("21:9", (320, 138))])
def test_aspect_ratios(tmp_path: Path, ratio: str, size: tuple[int, int]) -> None:
    rows, columns, _ = paint(tmp_path / "out.png", "forest", aspect_ratio=ratio).shape
    assert (columns, rows) == size


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp"])
def test_formats(tmp_path: Path, extension: str) -> None:
    paint(tmp_path / "out", "meadow", format=extension)
    with Image.open(tmp_path / "out") as image:
        assert image.format == extension.upper()


def test_every_preset_looks_its_own(tmp_path: Path) -> None:
    pictures = {name: paint(tmp_path / "out.png", "a lake at sunset", preset=name) for name in PRESETS}
    for first, second in combinations(pictures, 2):
        assert np.abs(pictures[first] - pictures[second]).mean() > 1.5, (first, second)


def test_weather_in_every_kind_of_landscape(tmp_path: Path) -> None:
    for weather in ("fog", "rain", "snow", "thunderstorm with lightning"):
        picture = paint(tmp_path / "out.png", f"mountains, lake, forest, city, meadow, boat, birds in {weather}")
        assert picture.std() > 14


def test_the_result_tells_of_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    result = render(RenderJob.checked("local-paint", {"prompt": "sky", "size": 300}), out, ignore)
    assert (result.width, result.height, result.bytes) == (300, 168, out.stat().st_size)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    render(RenderJob.checked("local-paint", {"prompt": "mountains", "size": 256}), tmp_path / "o.png", shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 6
    assert shares[-1] == 1.0


class StoppedError(Exception):
    pass


def test_progress_may_cancel_in_the_middle(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        if share > 0.3:
            raise StoppedError

    with pytest.raises(StoppedError):
        render(RenderJob.checked("local-paint", {"prompt": "mountains", "size": 256}), tmp_path / "out.png", stop)
    assert list(tmp_path.iterdir()) == []


def _roughness(area: np.ndarray) -> float:
    """How much a smooth sky is broken up: the mean step between pixels 6 columns apart."""
    return float(np.abs(area[:, 6:] - area[:, :-6]).mean())
