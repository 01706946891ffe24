import datetime as dt
import json
from typing import Any

import pytest

from studio.providers.base import FREE, JobSpec, ModelInfo, Quote, Response
from studio.providers.local_engine import LocalEngine

engine = LocalEngine()


def model(kind: str) -> ModelInfo:
    [found] = engine.parse_catalogue({"engines": [{"engine": f"local-{kind}", "type": kind}]})
    return found


def test_it_needs_no_key_and_knows_our_jobs() -> None:
    assert not engine.needs_key
    assert engine.exact_lookup
    assert engine.can_list
    assert engine.can_cancel


@pytest.mark.parametrize("kind", ["image", "video"])
def test_it_is_free(kind: Any) -> None:
    assert engine.quote(JobSpec(kind, "any", "p"), None) == Quote(FREE)


def test_options_of_an_image() -> None:
    options = {option.name: option for option in model("image").options}
    assert set(options) == {"aspect_ratio", "size", "format", "image", "negative_prompt", "seed"}
    assert [choice.value for choice in options["aspect_ratio"].choices] == [
        "1:1", "4:5", "3:2", "2:3", "3:4", "4:3", "16:9", "9:16", "21:9",
    ]  # fmt: skip
    assert (options["size"].min, options["size"].max, options["size"].default) == (512, 2048, 1024)
    assert [choice.value for choice in options["format"].choices] == ["png", "jpeg", "webp"]


def test_options_of_a_video() -> None:
    options = {option.name: option for option in model("video").options}
    assert set(options) == {"aspect_ratio", "duration_sec", "resolution", "sound", "image", "negative_prompt", "seed"}
    duration = options["duration_sec"]
    assert (duration.min, duration.max, duration.default) == (2, 8, 4)
    assert [choice.value for choice in options["resolution"].choices] == ["720p", "1080p"]


@pytest.mark.parametrize("kind", ["image", "video"])
def test_it_follows_a_picture_that_comes_in_the_request_itself(kind: Any) -> None:
    assert engine.takes_media == "inline"
    option = model(kind).option("image")
    assert option is not None
    assert (option.type, option.accept, option.required, option.max_items) == ("media", ("image",), False, 1)
    sent = engine.build_submit(JobSpec(kind, f"local-{kind}", "p", {"image": "data:image/jpeg;base64,AA=="}))
    assert sent.json["inputs"]["image"] == "data:image/jpeg;base64,AA=="


def test_a_job_carries_our_reference_and_every_input() -> None:
    settings = {
        "aspect_ratio": "9:16",
        "duration_sec": 4,
        "resolution": "720p",
        "sound": False,
        "seed": 0,
        "preset": "dusk",
    }
    request = engine.build_submit(JobSpec("video", "local-motion", "a fjord", settings, reference="job-1"))
    assert request.json == {
        "type": "video",
        "engine": "local-motion",
        "inputs": {
            "prompt": "a fjord",
            "aspect_ratio": "9:16",
            "duration_sec": 4,
            "resolution": "720p",
            "sound": False,
            "seed": 0,
        },
        "preset": "dusk",
        "reference": "job-1",
    }


def test_it_is_asked_for_one_job_by_its_reference() -> None:
    now = dt.datetime.now(dt.UTC)
    assert dict(engine.build_look_up("job-1", "local-paint", now, now).params) == {"reference": "job-1"}
    assert dict(engine.build_list().params) == {}


def test_a_job_says_whose_it_is_and_of_what() -> None:
    body = {"id": "1", "status": "queued", "reference": "job-1", "inputs": {"prompt": "a fjord"}}
    progress = engine.parse_submit(Response(200, json.dumps(body).encode()))
    assert (progress.reference, progress.prompt) == ("job-1", "a fjord")


def test_a_job_costs_nothing_whatever_it_says() -> None:
    body = {"id": "1", "status": "completed", "actual_cost": {"amount": 0.0, "currency": ""}}
    assert engine.parse_status(Response(200, json.dumps(body).encode())).actual == FREE
    assert engine.parse_status(Response(200, b'{"id": "1"}')).actual is None
