"""A job in words."""

from decimal import Decimal

import pytest

from generations import faces, sentences
from generations.models import Job
from generations.models.states import Charge, State
from studio.providers.base import Cost
from tests.generations.pages.conftest import make_job

NBSP = "\u00a0"


def job(**fields) -> Job:
    return Job(**{"provider": "local", "kind": "image", "settings": {}, "state": State.FAILED, **fields})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("Out of memory", "Out of memory."),
        ("It broke.", "It broke."),
        ("Why?", "Why?"),
        ("", "It failed, and the provider did not say why."),
    ],
)
@pytest.mark.django_db
def test_a_failure_is_a_whole_sentence(alice, error, said):
    assert sentences.status(make_job(alice, State.FAILED, error=error)) == said


@pytest.mark.django_db
def test_an_answer_that_is_still_looked_for_says_so(alice):
    lost = make_job(alice, State.UNCONFIRMED)
    assert sentences.status(lost) == "We sent this, and the answer was lost."
    lost.due_at = lost.created_at
    assert sentences.status(lost).endswith("Looking it up…")


@pytest.mark.django_db
def test_several_files_are_counted(alice, keep):
    made = make_job(alice)
    keep(made)
    assert sentences.status(made) == "Saved"
    keep(made, position=1)
    assert sentences.status(Job.objects.get(pk=made.pk)) == "Saved, 2 files"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quoted_amount": Decimal(0)}, "It is free."),
        ({"charge": Charge.NO}, "Nothing was charged."),
        ({"charge": Charge.UNKNOWN}, "It may have been charged."),
        ({"charge": Charge.YES}, "Charged."),
        ({"charge": Charge.YES, "actual_amount": Decimal(2), "actual_unit": "NOK"}, f"It was charged: 2.00{NBSP}NOK."),
    ],
)
def test_the_money_is_said_as_far_as_it_is_known(fields, said):
    assert sentences.charge(job(**fields)) == said


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (None, "price unknown"),
        (Cost(Decimal(0), ""), "free"),
        (Cost(Decimal("2"), "NOK"), f"2.00{NBSP}NOK"),
        (Cost(Decimal("24"), "credits"), f"24{NBSP}credits"),
    ],
)
def test_a_price_has_its_unit(cost, said):
    assert sentences.price(cost) == said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"aspect_ratio": "16:9", "seed": 0}, "16:9 · seed 0"),
        ({"duration_sec": 4, "resolution": "720p", "sound": True}, f"4{NBSP}s · 720p · sound"),
        ({"sound": False, "preset": None, "negative_prompt": "hare", "format": ""}, ""),
        ({"num_images": 4, "output_format": "png", "quality": "hd"}, f"×{NBSP}4 · png · quality hd"),
        (
            {"size": "1024*768", "num_images": 1, "num_inference_steps": 28},
            f"1024{NBSP}×{NBSP}768{NBSP}px · 28{NBSP}steps",
        ),
        ({"duration": 8, "generate_audio": True}, f"8{NBSP}s · sound"),
        ({"image": "https://example.com/a.png", "loras": [{"path": "a"}, {"path": "b"}]}, "1 image · 2 LoRAs"),
        ({"images": ["https://example.com/1", "https://example.com/2"], "tags": ["red"]}, "2 images · 1 tag"),
        ({"video_url": "https://example.com/a.mp4", "voice": "https://example.com/v.mp3"}, "1 clip · 1 sound"),
        ({"parameters": {"a": 1, "b": 2}, "control": {"a": 1}, "style": "x" * 80}, "2 parameters · control · style"),
        ({"parameters": 3, "rows": [], "loras": [None]}, "parameters 3 · 0 rows · 1 LoRA"),
        ({"{0.__class__}": "{x}", "guidance_scale": 7.5}, f"{{0.  class  }} {{x}} · guidance{NBSP}7.5"),
    ],
)
def test_settings_in_one_line(settings, said):
    assert sentences.settings_line(job(settings=settings)) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aspect_ratio", "Aspect ratio"),
        ("duration_sec", "Duration"),
        ("num_images", "Images"),
        ("generate_audio", "Sound"),
    ],
)
def test_the_name_of_a_setting(name, said):
    assert sentences.setting_name(name) == said


def test_a_provider_that_is_no_longer_spoken_to_keeps_its_name():
    assert sentences.provider_label(job(provider="closed")) == "closed"


def test_every_event_has_words():
    assert sentences.event(job(), "accepted") == "Built-in engine took it"
    assert sentences.event(job(), "cancel_refused") == "Built-in engine did not cancel it"
    assert sentences.event(job(), "yet_to_come") == "Yet to come"
    assert sentences.event(job(), "{odd}") == "{odd}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({}, "r-1-1"),
        ({"aspect_ratio": "9:16"}, "r-9-16"),
        ({"aspect_ratio": "auto"}, "r-1-1"),
        ({"aspect_ratio": "0:1"}, "r-1-1"),
        ({"aspect_ratio": 7}, "r-1-1"),
        ({"size": "1536*1024"}, "r-3-2"),
        ({"size": "1024 x 1536"}, "r-2-3"),
        ({"size": "0*1024"}, "r-1-1"),
        ({"size": 768}, "r-1-1"),
        ({"width": 1000, "height": 1010}, "r-1-1"),
        ({"width": 0, "height": 1}, "r-1-1"),
        ({"aspect_ratio": "100:1"}, "r-21-9"),
    ],
)
def test_a_card_has_its_final_shape_from_the_beginning(alice, settings, shape):
    assert faces.shape(make_job(alice, State.QUEUED, settings=settings)) == shape


@pytest.mark.django_db
def test_a_clip_of_no_known_shape_is_wide(alice):
    assert faces.shape(make_job(alice, State.QUEUED, kind="video", settings={})) == "r-16-9"


@pytest.mark.django_db
def test_a_result_has_its_own_shape(alice, keep):
    made = make_job(alice, settings={"aspect_ratio": "1:1"})
    keep(made, width=1080, height=1920)
    assert faces.shape(made) == "r-9-16"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "a few seconds left"),
        (8, "about 10 s left"),
        (21, "about 20 s left"),
        (57, "about 55 s left"),
        (58, "about 1 min left"),
        (125, "about 2 min left"),
        (3500, "about 58 min left"),
        (7300, "about 2 h left"),
    ],
)
def test_time_left_is_no_more_exact_than_it_can_be(seconds, said):
    assert sentences.time_left(seconds) == said


def test_a_job_that_runs_says_how_far_it_is_and_what_is_left(monkeypatch):
    monkeypatch.setattr(sentences.history, "left", lambda job, now: 21.0)
    assert sentences.status(job(state=State.RUNNING, progress=43)) == "Generating, 43 %, about 20 s left"
    assert sentences.status(job(state=State.PENDING)).endswith("waiting for a place, about 20 s left")
    monkeypatch.setattr(sentences.history, "left", lambda job, now: None)
    assert sentences.status(job(state=State.RUNNING, progress=0)) == "Generating, 0 %"


@pytest.mark.parametrize(
    ("ahead", "fields", "said"),
    [
        (None, {}, "Queued"),
        (0, {}, "Queued, next in line"),
        (2, {}, "Queued, 2 ahead of you"),
        (None, {"failures": 1, "error_kind": "rate_limited"}, "Waiting for a place at Built-in engine"),
        (None, {"failures": 1, "error_kind": "unavailable"}, "Waiting to send it to Built-in engine again"),
    ],
)
def test_a_job_that_waits_says_for_what(monkeypatch, ahead, fields, said):
    monkeypatch.setattr(sentences.turns, "ahead", lambda job: ahead)
    assert sentences.status(job(state=State.QUEUED, **fields)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"),
        (None, "default"),
        (2.5, "2.5"),
        (["a", "b"], "a · b"),
        ([{"path": "a/b", "scale": 1}, {"path": "c"}], "path a/b, scale 1 · path c"),
        ({"a": [1, False]}, "a 1 · no"),
    ],
)
def test_a_value_is_written_as_people_write_it(value, said):
    assert sentences.setting_value(value) == said
