"""What a model takes, in a few words."""

import pytest

from generations.catalogue.facts import facts
from studio.providers.base import Choice, ModelInfo, Option


def choices(*values) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(value)) for value in values)


def said(*options: Option) -> list[str]:
    return [fact.replace("\u00a0", " ") for fact in facts(ModelInfo("m", "M", "image", options=options))]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (Option("aspect_ratio", "aspect_ratio", "A", choices=choices("16:9", "1:1")), ["16:9, 1:1"]),
        (Option("aspect_ratio", "aspect_ratio", "A", choices=choices(*"abcdefghi")), ["9 shapes"]),
        (Option("aspect_ratio", "aspect_ratio", "A"), []),
        (Option("duration", "duration", "D", choices=choices(4, 6, 8), unit="s"), ["4, 6, 8 s"]),
        (Option("duration", "duration", "D", choices=choices(1, 2, 3, 4, 5), unit="s"), ["1–5 s"]),
        (Option("duration_sec", "duration", "D", min=2, max=8, unit="s"), ["2–8 s"]),
        (Option("duration_sec", "duration", "D", min=1, unit="s"), []),
        (Option("resolution", "choice", "R", choices=choices("720p", "1080p")), ["720p, 1080p"]),
        (Option("size", "choice", "S", choices=choices(*"abcde")), ["5 sizes"]),
        (Option("size", "integer", "S", min=512, max=2048), []),
        (Option("generate_audio", "boolean", "A"), ["sound"]),
        (Option("audio", "media", "A", accept=("audio",)), ["takes audio"]),
        (Option("image_url", "media", "I", accept=("image", "video")), ["takes images", "takes videos"]),
        (Option("preset", "choice", "P", choices=choices("a")), ["1 preset"]),
        (Option("negative_prompt", "text", "N"), []),
    ],
)
def test_each_option_that_matters_is_said(option, words):
    assert said(option) == words


def test_the_same_is_said_once_and_in_the_models_order():
    first, last = (Option(name, "media", name, accept=("image",)) for name in ("first", "last"))
    sound = Option("sound", "boolean", "Sound")
    assert said(sound, first, last) == ["sound", "takes images"]
