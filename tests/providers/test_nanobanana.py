"""The Nano Banana API: its public reference's samples letter by letter, and what else may come."""

import json
from decimal import Decimal
from typing import Any

import pytest

from studio.providers.base import Balance, Cost, JobSpec, Json, Output, Progress, ProviderError, Quote, Response
from studio.providers.nanobanana import NanoBanana

from .samples import answered, sample

nano = NanoBanana()
PLACE = "https://cdn.example/"


def credits(amount: int) -> Cost:
    return Cost(Decimal(amount), "credits")


def theirs(name: str) -> Json:
    return json.loads(sample("nanobanana", name))


def said(**data: Json) -> Response:
    return Response(200, json.dumps({"success": True, "data": data}).encode())


def spec_of(body: dict[str, Json], kind: Any = "image") -> JobSpec:
    """The job that a sample's body is asked for by."""
    own = {"prompt", "model", "model_id", "mode", "type"}
    settings = {name: value for name, value in body.items() if name not in own}
    return JobSpec(kind, body.get("model") or body["model_id"], body.get("prompt", ""), settings)


# -- The reference's own samples ---------------------------------------------------------------------------------------
def test_the_sample_image_is_what_we_send() -> None:
    """The sample shows the fields of both modes at once, and a resolution, which its model has none of."""
    body = theirs("image")
    from_text = {name: value for name, value in body.items() if name not in {"image_url", "resolution"}}
    request = nano.build_submit(spec_of(from_text))
    assert (request.method, request.path, request.reads) == ("POST", "/api/v1/images/generate", False)
    assert request.json == from_text
    assert nano.build_submit(spec_of(body)).json == {**from_text, "mode": "image", "image_url": "https://..."}
    finer = {**body, "model": "nano-banana-pro"}
    assert nano.build_submit(spec_of(finer)).json == {**finer, "mode": "image"}


def test_the_sample_video_is_what_we_send() -> None:
    request = nano.build_submit(spec_of(theirs("video"), "video"))
    assert (request.method, request.path) == ("POST", "/api/v1/videos/generate")
    assert request.json == theirs("video")


@pytest.mark.parametrize(
    ("name", "state", "used", "left"), [("image_reply", "pending", 2, 148), ("video_reply", "running", 15, 133)]
)
def test_the_sample_replies_say_what_it_took_and_what_is_left(name: str, state: Any, used: int, left: int) -> None:
    assert nano.parse_submit(answered("nanobanana", name)) == Progress(
        "clx...", state, actual=credits(used), remaining=credits(left), status_word=theirs(name)["data"]["status"]
    )


@pytest.mark.parametrize(("name", "kind"), [("image_status", "image"), ("video_status", "video")])
def test_the_sample_statuses_are_read(name: str, kind: str) -> None:
    assert nano.parse_status(answered("nanobanana", name)) == Progress(
        "clx...",
        "succeeded",
        percent=100,
        outputs=(Output(kind, "https://..."),),
        status_word=theirs(name)["data"]["status"],
    )


@pytest.mark.parametrize(("kind", "path"), [("image", "/api/v1/images/status"), ("video", "/api/v1/videos/status")])
def test_a_status_is_asked_for_by_kind(kind: str, path: str) -> None:
    [request] = nano.build_statuses("clx...&a=b", kind)
    assert (request.method, request.path, dict(request.params)) == ("GET", path, {"task_id": "clx...&a=b"})


def test_the_sample_credits_are_read() -> None:
    request = nano.build_balance()
    assert request == nano.build_check()
    assert (request.method, request.path, request.json) == ("GET", "/api/v1/account/credits", None)
    nano.parse_check(answered("nanobanana", "credits"))
    assert nano.parse_balance(answered("nanobanana", "credits")) == Balance(
        credits(148), total=Decimal(500), plan="pro", ends_at="2024-12-31T00:00:00Z", is_vip=True
    )


def test_the_sample_price_is_asked_for_and_read() -> None:
    spec = spec_of(theirs("cost"))
    [request] = nano.build_quotes(spec)
    assert (request.method, request.path, request.reads) == ("POST", "/api/v1/account/calculate-cost", True)
    assert request.json == theirs("cost")
    assert nano.parse_quote(answered("nanobanana", "cost_reply"), spec) == Quote(credits(16))


def test_the_sample_error_is_read() -> None:
    with pytest.raises(ProviderError) as caught:
        nano.parse_status(answered("nanobanana", "error"))
    assert "Human-readable message" in caught.value.message


# -- Requests ----------------------------------------------------------------------------------------------------------
def test_the_key_is_a_bearer() -> None:
    assert nano.headers("nb_sk_1") == {"Authorization": "Bearer nb_sk_1"}


def test_what_it_has_no_endpoint_for_is_not_offered() -> None:
    cannot = (nano.can_list, nano.can_look_up, nano.can_cancel, nano.can_delete, nano.can_type_models)
    assert not any(cannot)
    assert (nano.quotes, nano.takes_media, nano.unit, nano.requests_per_minute) == (True, "link", "credits", 60)


@pytest.mark.parametrize(
    ("kind", "model", "settings", "sent"),
    [
        ("image", "nano-banana", {"resolution": "4K", "aspect_ratio": ""}, {}),
        ("image", "seedream4", {"resolution": "1K", "quality": "hd"}, {"quality": "hd"}),
        ("image", "nano-banana-2", {"resolution": "4K", "seed": 7}, {"resolution": "4K"}),
        ("image", "gpt-image-2", {"resolution": "2K", "quality": None}, {"resolution": "2K"}),
        ("video", "wan-2.5", {"generate_audio": True, "duration": 5}, {"duration": 5}),
        ("video", "sora-2", {"generate_audio": False, "duration": 4}, {"duration": 4}),
        ("video", "veo-3.1", {"generate_audio": False}, {"generate_audio": False}),
        ("video", "new-one", {"generate_audio": None}, {}),
        ("video", "new-one", {"generate_audio": False}, {"generate_audio": False}),
        ("video", "new-one", {"generate_audio": True, "num_images": 2}, {"generate_audio": True}),
    ],
)
def test_only_what_the_model_takes_is_sent(kind: Any, model: str, settings: dict[str, Json], sent: Json) -> None:
    names = {"mode": "text", "model": model} if kind == "image" else {"model_id": model}
    assert nano.build_submit(JobSpec(kind, model, "p", settings)).json == {"prompt": "p", **names, **sent}


def test_the_price_of_an_image_is_asked_for_by_what_it_depends_on() -> None:
    settings = {
        "image_url": "output:1/0",
        "aspect_ratio": "1:1",
        "quality": "hd",
        "num_images": 3,
        "output_format": "png",
    }
    [request] = nano.build_quotes(JobSpec("image", "seedream4", "a secret", settings))
    assert request.json == {"type": "image", "mode": "image", "model": "seedream4", "num_images": 3, "quality": "hd"}


def test_the_price_of_a_video_is_asked_for_by_what_it_depends_on() -> None:
    [request] = nano.build_quotes(spec_of(theirs("video"), "video"))
    assert request.json == {
        "type": "video",
        "model_id": "veo-3.1-fast",
        "model": "veo-3.1-fast",
        "resolution": "720p",
        "duration": 8,
        "generate_audio": True,
    }


# -- Tasks -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "pending"), ("processing", "running"), ("completed", "succeeded"), ("succeeded", "succeeded"),
        ("failed", "failed"), ("error", "failed"), ("cancelled", "cancelled"), ("canceled", "cancelled"),
        ("Dreaming", "running"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("output", ["image_url", "video_url"])
def test_every_status_word_of_both_kinds(word: str, state: str, output: str) -> None:
    progress = nano.parse_status(said(task_id="t", status=word, **{output: PLACE}))
    assert (progress.state, progress.status_word, len(progress.outputs)) == (state, word, 1)


URLS = [f"{PLACE}{n}.png" for n in range(3)]


@pytest.mark.parametrize(
    ("results", "count"),
    [
        ({"image_url": URLS[0]}, 1),
        ({"image_url": URLS[0], "image_urls": URLS}, 3),
        ({"image_urls": URLS}, 3),
        ({"images": URLS}, 3),
        ({"images": [{"url": url, "width": 9} for url in URLS]}, 3),
        ({"image_url": URLS}, 3),
        ({"outputs": URLS}, 3),
        ({"outputs": [{"url": url} for url in URLS]}, 3),
        ({"image_url": URLS[0], "images": URLS, "outputs": [*URLS, URLS[1]]}, 3),
        ({"image_urls": [URLS[0], None, 7, "ftp://x/", "", "javascript:x", URLS[1]]}, 2),
        ({"image_url": None, "image_urls": None, "images": {}, "outputs": 7}, 0),
    ],
)
def test_several_images_are_read_in_every_shape_once_and_in_order(results: dict[str, Json], count: int) -> None:
    outputs = nano.parse_status(said(task_id="t", status="completed", **results)).outputs
    assert [output.url for output in outputs] == URLS[:count]
    assert len({output.name for output in outputs}) == count


def test_several_images_are_named_in_order() -> None:
    outputs = nano.parse_status(said(task_id="t", status="completed", image_urls=URLS)).outputs
    assert [output.name for output in outputs] == ["image", "image-2", "image-3"]


@pytest.mark.parametrize(
    "results", [{"video_url": PLACE}, {"videos": [{"url": PLACE}]}, {"video_url": PLACE, "image_url": URLS[0]}]
)
def test_the_picture_that_a_clip_began_from_is_no_result(results: dict[str, Json]) -> None:
    assert nano.parse_status(said(task_id="t", status="succeeded", **results)).outputs == (Output("video", PLACE),)


@pytest.mark.parametrize(("given", "percent"), [(43, 43), ("43%", 43), (None, None), ("soon", None), (140, 100)])
def test_progress(given: Json, percent: int | None) -> None:
    assert nano.parse_status(said(task_id="t", status="processing", progress=given)).percent == percent


@pytest.mark.parametrize(
    ("error", "message", "kind"),
    [
        ("The model gave up", "The model gave up", None),
        ({"code": "INTERNAL_ERROR", "message": "The model gave up"}, "The model gave up", None),
        ({"code": "CONTENT_FILTERED", "message": "Not this"}, "Not this", "content_filtered"),
        ("Blocked by the safety filter", "Blocked by the safety filter", "content_filtered"),
        (None, "", None),
    ],
)
def test_a_failed_task_says_why(error: Json, message: str, kind: Any) -> None:
    progress = nano.parse_status(said(task_id="t", status="failed", error=error))
    assert (progress.state, progress.message, progress.error_kind) == ("failed", message, kind)


def test_a_failed_task_may_come_as_a_failure() -> None:
    body = {
        "success": False,
        "data": {"task_id": "t", "status": "failed"},
        "error": {"code": "X", "message": "No luck"},
    }
    progress = nano.parse_status(Response(200, json.dumps(body).encode()))
    assert (progress.remote_id, progress.state, progress.message) == ("t", "failed", "No luck")


def test_a_status_without_its_id_is_of_the_task_that_was_asked_for() -> None:
    progress = nano.parse_status(said(status="completed", image_url=PLACE))
    assert (progress.state, progress.outputs) == ("succeeded", (Output("image", PLACE),))


def test_a_reply_that_is_final_already() -> None:
    progress = nano.parse_submit(said(task_id="t", status="completed", image_url=PLACE, credits_used=1))
    assert (progress.state, progress.outputs, progress.actual) == ("succeeded", (Output("image", PLACE),), credits(1))


@pytest.mark.parametrize("amount", [None, "two", -1, True, {}, float("1e30")])
def test_odd_credits_are_none(amount: Json) -> None:
    progress = nano.parse_submit(said(task_id="t", status="pending", credits_used=amount, credits_remaining=amount))
    assert (progress.actual, progress.remaining) == (None, None)


def test_no_credits_at_all_are_a_figure() -> None:
    progress = nano.parse_submit(said(task_id="t", status="pending", credits_used=0, credits_remaining=0))
    assert (progress.actual, progress.remaining) == (credits(0), credits(0))


# -- Hostile answers ---------------------------------------------------------------------------------------------------
ODD = [b"", b"null", b"[]", b"7", b'"x"', b"{}", b'{"success": true}', b'{"success": true, "data": null}',
       b'{"success": true, "data": []}', b'{"success": true, "data": {}}', b"<html>busy</html>", b"[" * 100_000,
       b'{"success": true, "data": {"task_id": ["x"], "status": {"a": 1}}}'.replace(b'{"a": 1}', b'"?"'),
       b'{"success": true, "data": {"task_id": "\\u0000", "status": 7}}']  # fmt: skip


@pytest.mark.parametrize("body", ODD)
def test_an_odd_answer_to_a_submit_leaves_open_whether_it_acted(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        nano.parse_submit(Response(200, body))
    assert (caught.value.kind, caught.value.sent) == ("malformed", True)


@pytest.mark.parametrize("body", ODD)
def test_an_odd_answer_elsewhere_is_said_to_be_one(body: bytes) -> None:
    for parse in (nano.parse_status, nano.parse_balance, lambda got: nano.parse_quote(got, spec_of(theirs("cost")))):
        with pytest.raises(ProviderError) as caught:
            parse(Response(200, body))
        assert (caught.value.kind, caught.value.sent) == ("malformed", False)


@pytest.mark.parametrize("needed", [None, "many", -1, True, [], {"amount": 3}])
def test_a_price_that_is_none_is_malformed_so_that_the_table_is_read_instead(needed: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        nano.parse_quote(said(credits_needed=needed), spec_of(theirs("cost")))
    assert caught.value.kind == "malformed"


@pytest.mark.parametrize(
    ("data", "balance"),
    [
        ({"credits": 3}, Balance(credits(3))),
        ({"credits": 0, "subscription": None, "is_vip": False, "total_credits": 0}, Balance(credits(0), Decimal(0))),
        ({"credits": "7.5", "subscription": "pro", "is_vip": "yes"}, Balance(Cost(Decimal("7.5"), "credits"))),
        ({"credits": 1, "subscription": {"plan": 7, "end_date": []}}, Balance(credits(1))),
    ],
)
def test_a_balance_of_odd_or_missing_fields(data: dict[str, Json], balance: Balance) -> None:
    assert nano.parse_balance(said(**data)) == balance


@pytest.mark.parametrize("data", [{"credits": None}, {"credits": "lots"}, {"credits": -3}, {"plan": "pro"}])
def test_a_balance_without_credits_is_none_but_the_key_is_good(data: dict[str, Json]) -> None:
    with pytest.raises(ProviderError):
        nano.parse_balance(said(**data))
    nano.parse_check(said(**data))
