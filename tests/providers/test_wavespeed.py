import datetime as dt
import itertools
import json

import pytest

from studio.providers.base import (
    JobSpec,
    Json,
    Output,
    Progress,
    ProviderError,
    Response,
)
from studio.providers.wavespeed import WaveSpeed
from studio.providers.wavespeed_errors import TASKS

from .samples import answered, sample
from .wavespeed_said import MODEL, said, spec, task

wavespeed = WaveSpeed()


def refused(response: Response, *, submit: bool = True) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        (wavespeed.parse_submit if submit else wavespeed.parse_status)(response)
    return caught.value


# -- The reference's own samples ---------------------------------------------------------------------------------------
def test_the_sample_submit_is_what_we_send() -> None:
    request = wavespeed.build_submit(spec("A cat wearing a space suit"))
    assert (request.method, request.path, dict(request.params)) == ("POST", "/api/v3/wavespeed-ai/flux-dev", {})
    assert request.json == json.loads(sample("wavespeed", "submit"))
    assert not request.reads


def test_the_sample_submit_with_a_callback_is_what_we_send() -> None:
    hook = "https://your-server.com/webhook"
    request = wavespeed.build_submit(JobSpec("image", MODEL, "A cat in space", webhook_url=hook))
    assert request.json == json.loads(sample("wavespeed", "submit_webhook"))
    assert dict(request.params) == {"webhook": hook}


def test_the_sample_reply_that_is_processing_is_read() -> None:
    assert wavespeed.parse_submit(answered("wavespeed", "submitted")) == Progress(
        "task-abc123", "running", status_word="processing"
    )


def test_the_sample_reply_that_is_created_is_read() -> None:
    assert wavespeed.parse_submit(answered("wavespeed", "created")) == Progress(
        "pred_abc123", "pending", status_word="created", model=MODEL, created_at="2024-01-01T12:00:00.000Z"
    )


def test_the_sample_result_is_read() -> None:
    assert wavespeed.parse_status(answered("wavespeed", "result")) == Progress(
        "task-abc123",
        "succeeded",
        outputs=(Output("output", "https://..."),),
        status_word="completed",
        inference=2.5,
    )


# -- Requests ----------------------------------------------------------------------------------------------------------
def test_the_key_goes_as_a_bearer() -> None:
    assert wavespeed.headers("abc") == {"Authorization": "Bearer abc"}


def test_every_address() -> None:
    assert {name: (r.method, r.path) for name, r in wavespeed.build_catalogue().items()} == {
        "models": ("GET", "/api/v3/models")
    }
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    requests = (
        wavespeed.build_check(),
        wavespeed.build_balance(),
        wavespeed.build_webhook_secret(),
        *wavespeed.build_statuses("p-1", "image"),
        *wavespeed.build_quotes(spec()),
        wavespeed.build_ticket("a.png", 1, "image/png"),
        wavespeed.build_upload("a.png", b"x", "image/png"),
        wavespeed.build_look_up("", MODEL, now, now),
        wavespeed.build_delete("p-1"),
    )
    assert [(r.method, r.path, r.idempotent) for r in requests] == [
        ("GET", "/api/v3/balance", True),
        ("GET", "/api/v3/balance", True),
        ("GET", "/api/v3/webhook/secret", True),
        ("GET", "/api/v3/predictions/p-1/result", True),
        ("GET", "/api/v3/predictions/p-1", True),
        ("POST", "/api/v3/model/price", True),
        ("POST", "/api/v3/model/pricing", True),
        ("POST", "/api/v3/media/uploads", False),
        ("POST", "/api/v3/media/upload/binary", False),
        ("POST", "/api/v3/predictions", True),
        ("POST", "/api/v3/predictions/delete", False),
    ]


def test_an_odd_id_cannot_leave_its_path() -> None:
    bare = wavespeed.build_statuses("../balance?x#y", "image")[1]
    assert bare.path == "/api/v3/predictions/..%2Fbalance%3Fx%23y"


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("flux", "/api/v3/flux"),
        ("bytedance/seedance-v1.5-pro/image-to-video", "/api/v3/bytedance/seedance-v1.5-pro/image-to-video"),
        ("a/b@c+d~e", "/api/v3/a/b%40c%2Bd~e"),
    ],
)
def test_a_model_is_its_address(model: str, path: str) -> None:
    assert wavespeed.build_submit(spec(model=model)).path == path


@pytest.mark.parametrize(
    "model",
    ["", "/", "a//b", "/a", "a/", "..", "a/../b", "a/./b", "a/b..c", "a?b=1", "a#b", "a b", "a/%2e%2e/b", "a\\b", "ä/b",
     "a/b\n", "a/b;c", "https://evil.example/a", "predictions/delete", "Models", "model/price", "media/upload/binary",
     "balance", "webhook/secret", "a/" + "b" * 300],
)  # fmt: skip
def test_what_is_no_model_is_never_sent(model: str) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.build_submit(spec(model=model))
    assert (caught.value.kind, caught.value.sent) == ("bad_request", False)


def test_what_was_given_is_sent_under_the_models_own_names() -> None:
    request = wavespeed.build_submit(
        spec(seed=0, num_images=2, strength=0.0, camera_fixed=False, loras=[{"path": "a/b", "scale": 0}], size="9*9")
    )
    assert request.json == {
        "prompt": "a red fox",
        "seed": 0,
        "num_images": 2,
        "strength": 0.0,
        "camera_fixed": False,
        "loras": [{"path": "a/b", "scale": 0}],
        "size": "9*9",
    }


def test_what_was_left_alone_is_not_sent() -> None:
    assert wavespeed.build_submit(spec("", seed=None, size="", loras=[])).json == {}


def test_one_picture_for_a_list_goes_as_a_list() -> None:
    body = wavespeed.build_submit(spec(images="https://a/1.png", image="https://a/2.png")).json
    assert (body["images"], body["image"]) == (["https://a/1.png"], "https://a/2.png")


def test_how_it_answers_is_never_left_to_a_form() -> None:
    typed = {"enable_sync_mode": True, "webhook_url": "https://evil.example", "steps": 4, "note": "", "none": None}
    body = wavespeed.build_submit(spec(enable_base64_output=True, webhook="x", parameters=typed)).json
    assert body == {"prompt": "a red fox", "steps": 4, "note": "", "none": None}


@pytest.mark.parametrize("odd", ["text", 7, ["a"], None])
def test_parameters_that_are_none_are_not_sent(odd: Json) -> None:
    assert wavespeed.build_submit(spec(parameters=odd)).json == {"prompt": "a red fox"}


def test_a_model_of_no_catalogue() -> None:
    model = wavespeed.typed_model("acme/new-thing/t2v", "video")
    assert (model.id, model.name, model.kind, model.maker) == ("acme/new-thing/t2v", "new-thing/t2v", "video", "acme")
    assert [(option.name, option.type) for option in model.options] == [("parameters", "parameters")]
    assert (model.takes_prompt, model.needs_prompt, model.price) == (True, False, None)


def test_what_it_can_do_is_declared() -> None:
    can = (wavespeed.can_look_up, wavespeed.can_delete, wavespeed.can_type_models, wavespeed.quotes)
    assert can == (True, True, True, True)
    assert (wavespeed.can_list, wavespeed.can_cancel, wavespeed.exact_lookup) == (False, False, False)
    assert (wavespeed.takes_media, wavespeed.unit, wavespeed.concurrency) == ("upload", "USD", 3)


# -- Where the reference and the official client differ, both readings -------------------------------------------------
def test_a_task_is_asked_after_where_the_client_does_and_then_where_the_reference_does() -> None:
    assert [request.path for request in wavespeed.build_statuses("p-1", "image")] == [
        "/api/v3/predictions/p-1/result",
        "/api/v3/predictions/p-1",
    ]


@pytest.mark.parametrize("word", ["created", "processing"])
def test_both_first_words_are_in_progress(word: str) -> None:
    assert not wavespeed.parse_submit(task(status=word)).ended


@pytest.mark.parametrize("word", ["cancelled", "timeout", "deleted"])
def test_words_that_only_the_client_knows_end_a_task(word: str) -> None:
    assert wavespeed.parse_status(task(status=word)).state in ("failed", "cancelled")


def test_a_task_without_an_error_text_is_read_as_the_reference_and_with_an_empty_one_as_it_is_sent() -> None:
    for error in (..., "", None):
        assert wavespeed.parse_status(task(error=error)).message == ""


def test_an_address_in_an_answer_is_never_asked() -> None:
    """The client builds its own; the reference says to follow `urls.get`, which might lead the key elsewhere."""
    submitted = wavespeed.parse_submit(task(urls={"get": "https://evil.example/task"}))
    assert all(request.path.startswith("/api/v3/") for request in wavespeed.build_statuses(submitted.remote_id, ""))


def test_a_task_whose_waiting_ran_out_goes_on() -> None:
    """What a client that waits is told after a while: the task is still at work."""
    progress = wavespeed.parse_submit(task(status="processing", code=5004, error="Sync mode timed out", outputs=[]))
    assert (progress.state, progress.message, progress.error_kind) == ("running", "", None)


# -- Tasks -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "state"),
    [("created", "pending"), ("processing", "running"), ("completed", "succeeded"), ("failed", "failed"),
     ("cancelled", "cancelled"), ("timeout", "failed"), ("deleted", "failed"), ("COMPLETED", "succeeded"),
     ("warming-up", "running"), (None, "running"), (3, "running"), (..., "running")],
)  # fmt: skip
def test_a_status(word: Json, state: str) -> None:
    progress = wavespeed.parse_status(task(status=word))
    assert progress.state == state
    assert progress.status_word == (word if isinstance(word, str) else "")


def test_a_submit_may_be_final_already() -> None:
    assert wavespeed.parse_submit(answered("wavespeed", "result")).ended


@pytest.mark.parametrize(
    ("outputs", "urls"),
    [
        (["https://a/1.png", "https://a/2.png"], ["https://a/1.png", "https://a/2.png"]),
        ([{"url": "https://a/1.png", "type": "image"}, {"url": "https://a/2.png"}], ["https://a/1.png", "https://a/2.png"]),
        (["https://a/1.png", {"url": "https://a/2.png"}], ["https://a/1.png", "https://a/2.png"]),
        ({"video": "https://a/1.mp4"}, ["https://a/1.mp4"]),
        ("https://a/1.png", ["https://a/1.png"]),
        (["a text", "data:image/png;base64,AAAA", 7, None], []),
        ([], []),
        (None, []),
        (..., []),
    ],
)  # fmt: skip
def test_outputs_of_any_shape(outputs: Json, urls: list[str]) -> None:
    assert [output.url for output in wavespeed.parse_status(task(outputs=outputs)).outputs] == urls


@pytest.mark.parametrize(
    ("timings", "seconds"),
    [({"inference": 2500}, 2.5), ({"inference": 812.5}, 0.8125), ({"inference": "1200"}, 1.2), ({"inference": 0}, None),
     ({"inference": -5}, None), ({"inference": True}, None), ({}, None), (None, None), ([1], None), (..., None)],
)  # fmt: skip
def test_the_time_it_took_is_in_seconds(timings: Json, seconds: float | None) -> None:
    assert wavespeed.parse_status(task(timings=timings)).inference == seconds


@pytest.mark.parametrize(
    ("flags", "read"),
    [([True, False], (True, False)), ([], ()), ([1, "true", None], (False, False, False)), (True, ()), (None, ())],
)
def test_what_may_be_unfit_is_flagged(flags: Json, read: tuple[bool, ...]) -> None:
    assert wavespeed.parse_status(task(has_nsfw_contents=flags)).flagged == read


def test_a_failed_task_is_an_answer() -> None:
    progress = wavespeed.parse_status(task(status="failed", error="The worker was lost", outputs=[]))
    assert (progress.state, progress.message, progress.error_kind) == ("failed", "The worker was lost", None)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (1200, "content_filtered", "Change the prompt"),
        (1400, "bad_request", "Check the settings"),
        (1401, "bad_request", "Check the settings"),
        (1402, "bad_request", "could not fetch a picture"),
        (1403, "unavailable", "Try again"),
        (1405, "unavailable", "Try again"),
        (5000, "unavailable", "Try again in a few minutes"),
        (5003, "unavailable", "choose another model"),
        (5004, "unavailable", "took too long"),
    ],
)
@pytest.mark.parametrize("way", ["number", "text", "error_code", "inside"])
def test_a_task_that_failed_says_what_to_do(code: int, kind: str, words: str, way: str) -> None:
    fields: dict[str, Json] = {"status": "failed", "error": "Something odd"}
    match way:
        case "number":
            fields["code"] = code
        case "text":
            fields["code"] = str(code)
        case "error_code":
            fields["error_code"] = code
        case _:
            fields["error"] = {"code": code, "message": "Something odd"}
    progress = wavespeed.parse_status(task(**fields))
    assert (progress.state, progress.error_kind) == ("failed", kind)
    assert progress.message.startswith("WaveSpeedAI ")
    assert "Something odd" in progress.message
    assert words in progress.message
    assert progress.message.endswith(".")


@pytest.mark.parametrize("word", ["timeout", "deleted", "expired"])
def test_a_task_that_ended_without_words_says_how(word: str) -> None:
    progress = wavespeed.parse_status(task(status=word, error=""))
    assert progress.state == "failed"
    assert progress.message


def test_words_about_content_rules_are_understood() -> None:
    progress = wavespeed.parse_status(task(status="failed", error="Blocked by content moderation"))
    assert progress.error_kind == "content_filtered"


def test_a_refusal_that_tells_how_its_task_stands_is_about_that_task() -> None:
    response = said({"id": "p-1", "status": "failed"}, code=1200, message="Not allowed")
    for parse in (wavespeed.parse_submit, wavespeed.parse_status):
        progress = parse(response)
        assert (progress.remote_id, progress.state, progress.error_kind) == ("p-1", "failed", "content_filtered")
        assert "Not allowed" in progress.message


def test_the_prompt_is_read_from_the_inputs() -> None:
    for name in ("input", "inputs"):
        assert wavespeed.parse_status(task(**{name: {"prompt": "a cat"}})).prompt == "a cat"
    for odd in (None, "text", [], {"prompt": 7}, {}):
        assert wavespeed.parse_status(task(input=odd)).prompt is None


def test_a_callbacks_body_is_a_task_too() -> None:
    body = {**json.loads(sample("wavespeed", "result"))["data"], "input": {"prompt": "a cat"}}
    assert wavespeed.parse_status(Response(200, json.dumps(body).encode())).prompt == "a cat"


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b'{"code": 200}', b'{"code": 200, "data": null}', b'{"code": 200, "data": []}',
             b'{"code": 200, "data": {"id": ""}}', b'{"code": 200, "data": {"id": ".."}}',
             b'{"code": 200, "data": {"status": "created"}}', b"", b"<html>"],
)  # fmt: skip
def test_a_submit_answered_without_an_id_may_have_been_acted_on(body: bytes) -> None:
    error = refused(Response(200, body))
    assert (error.kind, error.sent) == ("malformed", True)
    error = refused(Response(200, body), submit=False)
    assert (error.kind, error.sent) == ("malformed", False)


ODD: list[Json] = [None, True, 7, -1.5, "", "x", [], [None, {}], {}, {"a": {"b": []}}]


@pytest.mark.parametrize("state", ["created", "completed", "failed", "odd"])
def test_a_task_of_odd_fields_is_read(state: str) -> None:
    names = ("outputs", "error", "code", "timings", "has_nsfw_contents", "model", "created_at", "input", "urls")
    for (one, other), (first, second) in itertools.product(
        itertools.combinations(names, 2), itertools.product(ODD, ODD)
    ):
        progress = wavespeed.parse_status(task(**{"status": state, one: first, other: second}))
        assert progress.remote_id == "task-abc123"
        assert isinstance(progress.message, str)
        assert isinstance(progress.model, str)


# -- Refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "kind", "sent", "words"),
    [
        (400, "bad_request", False, "Check the settings"),
        (401, "invalid_key", False, "wavespeed.ai/accesskey"),
        (402, "insufficient_credits", False, "Top it up"),
        (403, "forbidden", False, "locked"),
        (404, "not_found", False, "choose another model"),
        (429, "rate_limited", False, "Wait a minute"),
        (500, "unavailable", True, ""),
        (503, "unavailable", True, ""),
    ],
)
@pytest.mark.parametrize("status", [None, 200])
def test_a_refusal_is_one_under_any_status(code: int, kind: str, sent: bool, words: str, status: int | None) -> None:
    error = refused(said(None, status=status or code, code=code, message="That is why"))
    assert (error.kind, error.sent, error.status) == (kind, sent, code)
    assert "That is why" in error.message
    assert words in error.message


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("code", sorted(TASKS))
def test_a_refusal_by_a_tasks_code(code: int, status: int) -> None:
    fields = {"error_code": code} if status == 400 else {}
    error = refused(said(None, status=status, code=400 if fields else code, message="That is why", **fields))
    assert error.kind == TASKS[code].kind
    assert "That is why" in error.message
    assert TASKS[code].advice in error.message
    assert error.sent is (status == 200 and error.kind == "unavailable")


def test_a_server_error_may_have_acted_whatever_its_code() -> None:
    assert refused(said(None, status=500, code=500, error_code=1400)).sent is True


@pytest.mark.parametrize(
    "message", ["Insufficient credits", "Not enough balance, please top up", "insufficient balance"]
)
@pytest.mark.parametrize("status", [400, 403])
def test_an_empty_account_is_told_by_words_too(message: str, status: int) -> None:
    assert refused(said(None, status=status, code=status, message=message)).kind == "insufficient_credits"


@pytest.mark.parametrize("code", [0, 1, 100, 301, 999, 10**12, -1])
def test_a_code_that_nobody_knows_may_have_acted(code: int) -> None:
    error = refused(said({"id": "p-1"}, code=code))
    assert error.sent is True


@pytest.mark.parametrize("code", [200, "200", 201, None, "ok", [], True])
def test_a_code_that_is_good_or_none_is_a_success(code: Json) -> None:
    assert wavespeed.parse_submit(said({"id": "p-1", "status": "created"}, code=code)).remote_id == "p-1"


def test_a_refusal_says_when_to_come_back() -> None:
    response = Response(429, b'{"code": 429, "message": "slow down"}', {"retry-after": "7"})
    assert refused(response).retry_after == 7


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b'"no"', b'{"message": null, "code": "x"}'])
@pytest.mark.parametrize("status", [400, 502])
def test_a_refusal_of_any_body(status: int, body: bytes) -> None:
    error = refused(Response(status, body))
    assert error.kind == ("bad_request" if status == 400 else "unavailable")
    assert error.message


# -- Look-up and deletion ----------------------------------------------------------------------------------------------
def test_a_look_up_asks_for_the_model_and_the_time() -> None:
    oslo = dt.timezone(dt.timedelta(hours=2))
    since, until = dt.datetime(2026, 1, 2, 3, 4, 5, 999, oslo), dt.datetime(2026, 1, 2, 2, 9, tzinfo=dt.UTC)
    assert wavespeed.build_look_up("ours", MODEL, since, until).json == {
        "page": 1,
        "page_size": 100,
        "model": MODEL,
        "created_after": "2026-01-02T01:04:05Z",
        "created_before": "2026-01-02T02:09:00Z",
        "include_inputs": True,
    }


def test_a_list_is_read_with_its_prompts() -> None:
    items = [
        {"id": "1", "model": MODEL, "status": "completed", "created_at": "2026-01-02T01:04:05Z",
         "inputs": {"prompt": "a cat"}},
        {"id": "2", "model": MODEL, "status": "processing", "input": {"prompt": "a dog"}},
        {"id": None},
        None,
    ]  # fmt: skip
    for data in ({"page": 1, "items": items}, items):
        found = wavespeed.parse_list(said(data))
        assert [(job.remote_id, job.state, job.prompt, job.model, job.kind) for job in found] == [
            ("1", "succeeded", "a cat", MODEL, ""),
            ("2", "running", "a dog", MODEL, ""),
        ]
    assert wavespeed.parse_list(said({"page": 1, "items": []})) == []


@pytest.mark.parametrize("data", [None, {}, {"items": None}, "text", 7])
def test_a_list_that_is_none_is_malformed_and_never_empty(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.parse_list(said(data))
    assert caught.value.kind == "malformed"


def test_a_deletion_names_the_task() -> None:
    assert wavespeed.build_delete("p-1").json == {"ids": ["p-1"]}


@pytest.mark.parametrize("response", [said(None), said({"deleted": 1}), Response(200), Response(204)])
def test_a_deletion_that_was_taken(response: Response) -> None:
    wavespeed.parse_delete(response)


@pytest.mark.parametrize("response", [said(None, code=500), Response(503), said(None, status=401, code=401)])
def test_a_deletion_that_was_not(response: Response) -> None:
    with pytest.raises(ProviderError):
        wavespeed.parse_delete(response)
