"""A picture to follow: what is painted has its palette, its horizon and its light."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.providers.local import guide
from studio.providers.local.colour import oklab
from studio.providers.local.composer import set_stage
from studio.providers.local.finish import Finish
from studio.providers.local.options import BadInputError
from studio.providers.local.scene import understand

from .painting import paint

PROMPTS = ("a mountain lake", "a city at night", "abstract silk", "a nebula and a planet", "a meadow at noon")
TEAL, RUST, INK, SNOW = (40, 140, 130), (190, 80, 30), (20, 20, 30), (240, 240, 245)


def picture(sky: tuple[int, ...], land: tuple[int, ...], horizon: float = 0.6) -> Image.Image:
    image = Image.new("RGB", (320, 180), sky)
    ImageDraw.Draw(image).rectangle((0, round(180 * horizon), 320, 180), fill=land)
    return image


def uri(image: Image.Image, format: str = "PNG") -> str:
    file = io.BytesIO()
    image.save(file, format)
    return f"data:image/{format.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def mean_of(pixels: np.ndarray) -> np.ndarray:
    return oklab(pixels.astype(np.float32) / 255).reshape(-1, 3).mean(axis=0)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_palette_follows_the_picture(tmp_path: Path, prompt: str) -> None:
    guides = {"teal": picture(TEAL, (10, 60, 60)), "rust": picture(RUST, (60, 20, 10))}
    painted = {name: paint(tmp_path / "out.png", prompt, image=uri(image)) for name, image in guides.items()}
    for name, other in (("teal", "rust"), ("rust", "teal")):
        wanted = mean_of(np.asarray(guides[name]))
        near = np.linalg.norm(mean_of(painted[name]) - wanted)
        far = np.linalg.norm(mean_of(painted[other]) - wanted)
        assert near < 0.06, (name, near)
        assert near < far / 2, (name, near, far)


@pytest.mark.parametrize("prompt", PROMPTS[:3])
def test_light_and_dark_stand_where_they_do_in_the_picture(tmp_path: Path, prompt: str) -> None:
    halves = Image.new("RGB", (320, 180), SNOW)
    halves.paste(INK, (160, 0, 320, 180))
    light_left = paint(tmp_path / "out.png", prompt, image=uri(halves))
    light_right = paint(tmp_path / "out.png", prompt, image=uri(halves.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    width = light_left.shape[1]
    assert light_left[:, : width // 2].mean() > light_left[:, width // 2 :].mean() + 40
    assert light_right[:, : width // 2].mean() < light_right[:, width // 2 :].mean() - 40


def test_the_horizon_lies_where_it_does_in_the_picture() -> None:
    scene = understand("a mountain lake", seed=5)
    for horizon in (0.4, 0.7):
        found = guide.read(uri(picture(TEAL, INK, horizon)))
        assert set_stage(replace(scene, guide=found), 320, 180).horizon == pytest.approx(horizon, abs=0.03)


def test_a_picture_without_a_horizon_leaves_it_to_the_scene() -> None:
    scene = understand("a mountain lake", seed=5)
    plain = guide.read(uri(Image.new("RGB", (64, 64), TEAL)))
    assert plain.horizon is None
    assert set_stage(replace(scene, guide=plain), 320, 180) == set_stage(scene, 320, 180)


def test_the_sun_stands_where_the_picture_is_lightest() -> None:
    image = picture(TEAL, INK)
    ImageDraw.Draw(image).ellipse((230, 20, 290, 80), fill=SNOW)
    across, down = guide.read(uri(image)).light_at
    assert 0.65 < across < 0.95
    assert down < 0.5


def test_the_same_picture_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        paint(out, "a harbour at dusk", image=uri(picture(RUST, INK)))
    assert first.read_bytes() == second.read_bytes()


def test_every_frame_is_coloured_alike() -> None:
    """What the first frame decides holds for all: a clip does not flicker."""
    scene = replace(understand("a lake", seed=5), guide=guide.read(uri(picture(RUST, INK))))
    stage = set_stage(scene, 64, 36)
    finish = Finish(scene, stage, grain=0.0)
    finish.apply(Image.new("RGB", (64, 36), TEAL))
    table = finish.table
    finish.apply(Image.new("RGB", (64, 36), SNOW))
    assert finish.table is table


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128)])
def test_a_flat_picture_is_followed_too(tmp_path: Path, colour: tuple[int, ...]) -> None:
    painted = paint(tmp_path / "out.png", "a mountain lake", image=uri(Image.new("RGB", (8, 8), colour)))
    assert np.linalg.norm(mean_of(painted) - mean_of(np.full((1, 1, 3), colour))) < 0.2


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_its_formats(format: str) -> None:
    assert guide.read(uri(picture(TEAL, INK), format)).cells.shape == (guide.SIDE, guide.SIDE, 3)


def test_what_is_transparent_is_white() -> None:
    clear = guide.read(uri(Image.new("RGBA", (32, 32), (0, 0, 0, 0))))
    assert clear.cells[..., 0].min() > 0.98


@pytest.mark.parametrize(
    "image",
    [
        "data:image/png;base64,",
        "data:image/png;base64,@@@@",
        "data:image/png;base64,R0lGODlhAQABAAAAACw=",
        uri(Image.new("1", (5000, 5000))),
        uri(picture(TEAL, INK))[:400],
    ],
    ids=["empty", "no base64", "a GIF", "too many pixels", "cut off"],
)
def test_what_cannot_be_followed_is_said(image: str) -> None:
    with pytest.raises(BadInputError, match="The reference image"):
        guide.read(image)
