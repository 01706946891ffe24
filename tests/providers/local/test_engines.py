import math

import pytest

from studio.providers.local.engines import ENGINES, PRESETS, RATIOS, image_size, video_size
from studio.providers.local.job import RenderJob
from studio.providers.local.options import BadInputError
from studio.providers.local.styles import STYLES


def test_defaults_fill_what_is_missing_or_none() -> None:
    job = RenderJob.checked("local-paint", {"prompt": "sea", "size": None})
    assert (job.width, job.height, job.format, job.preset, job.seed) == (1024, 576, "png", "natural", 0)
    clip = RenderJob.checked("local-motion", {"prompt": "sea"})
    assert (clip.width, clip.height, clip.duration_sec, clip.sound, clip.format) == (1280, 720, 4.0, False, "mp4")


def test_a_seed_of_nought_is_a_seed() -> None:
    assert ENGINES["local-paint"].check({"prompt": "sea", "seed": 0})["seed"] == 0


@pytest.mark.parametrize(
    ("engine", "inputs", "words"),
    [
        ("local-paint", {}, "prompt"),
        ("local-paint", {"prompt": "  "}, "prompt"),
        ("local-paint", {"prompt": "sea", "aspect_ratio": "5:1"}, "aspect_ratio"),
        ("local-paint", {"prompt": "sea", "size": 4096}, "256 to 2048 px"),
        ("local-paint", {"prompt": "sea", "size": 512.5}, "whole number"),
        ("local-paint", {"prompt": "sea", "size": True}, "whole number"),
        ("local-paint", {"prompt": "sea", "seed": -1}, "seed"),
        ("local-paint", {"prompt": "sea", "duration_sec": 4}, "no input 'duration_sec'"),
        ("local-paint", {"prompt": "x" * 4001}, "4000"),
        ("local-motion", {"prompt": "sea", "duration_sec": 9}, "2 to 8 s"),
        ("local-motion", {"prompt": "sea", "duration_sec": math.nan}, "2 to 8 s"),
        ("local-motion", {"prompt": "sea", "duration_sec": "4"}, "number"),
        ("local-motion", {"prompt": "sea", "aspect_ratio": "21:9"}, "aspect_ratio"),
        ("local-motion", {"prompt": "sea", "sound": "yes"}, "true or false"),
        ("local-magic", {"prompt": "sea"}, "local-paint and local-motion"),
    ],
)
def test_bad_inputs_are_refused_with_their_name(engine: str, inputs: dict[str, object], words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        RenderJob.checked(engine, inputs)


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(BadInputError, match="cinematic"):
        RenderJob.checked("local-paint", {"prompt": "sea"}, "oil")


def test_every_preset_has_a_style_or_a_light() -> None:
    assert set(PRESETS) - set(STYLES) == {"golden_hour", "night"}


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("longer", [256, 1000, 2048])
def test_sizes_are_even_and_in_proportion(ratio: str, longer: int) -> None:
    width, height = image_size(ratio, longer)
    across, down = (int(part) for part in ratio.split(":"))
    assert max(width, height) == longer
    assert width % 2 == height % 2 == 0
    assert abs(width / height - across / down) < 0.02 * across / down


def test_video_sizes() -> None:
    assert video_size("16:9", "1080p") == (1920, 1080)
    assert video_size("9:16", "720p") == (720, 1280)
    assert video_size("1:1", "720p") == (720, 720)
