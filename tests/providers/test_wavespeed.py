import datetime as dt
import hashlib
import hmac
import itertools
import json
from decimal import Decimal
from typing import Any

import pytest

from studio.providers import verbs
from studio.providers.base import (
    Balance,
    Cost,
    JobSpec,
    Json,
    ModelInfo,
    Option,
    Output,
    Price,
    Progress,
    ProviderError,
    Quote,
    Response,
    Ticket,
)
from studio.providers.wavespeed import WaveSpeed
from studio.providers.wavespeed_errors import TASKS

from .samples import answered, sample

wavespeed = WaveSpeed()
MODEL = "wavespeed-ai/flux-dev"
UPLOAD = "asset:0190b6e0-0000-7000-8000-000000000001"
RESULT = "output:0190b6e0-0000-7000-8000-000000000001/0"


def said(data: Json = None, status: int = 200, code: Json = 200, **fields: Json) -> Response:
    return Response(status, json.dumps({"code": code, "message": "success", "data": data, **fields}).encode())


def task(**fields: Json) -> Response:
    """The sample result with other fields; `...` takes one out."""
    data = {**json.loads(sample("wavespeed", "result"))["data"], **fields}
    return said({name: value for name, value in data.items() if value is not ...})


def spec(prompt: str = "a red fox", model: str = MODEL, kind: Any = "image", **settings: Json) -> JobSpec:
    return JobSpec(kind, model, prompt, settings)


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


def test_a_task_whose_waiting_ran_out_goes_on() -> None:
    """What a client that waits is told after a while: the task is still at work."""
    progress = wavespeed.parse_submit(task(status="processing", code=5004, error="Sync mode timed out", outputs=[]))
    assert (progress.state, progress.message, progress.error_kind) == ("running", "", None)


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


# -- The account -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("balance", "left"), [(12.5, "12.5"), ("3.25", "3.25"), (0, "0"), (-0.4, "0")])
def test_a_balance_is_in_dollars(balance: Json, left: str) -> None:
    assert wavespeed.parse_balance(said({"balance": balance})) == Balance(Cost(Decimal(left), "USD"))


@pytest.mark.parametrize("data", [None, {}, {"balance": None}, {"balance": "much"}, {"balance": True}, 12.5])
def test_a_balance_that_is_none_is_malformed(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.parse_balance(said(data))
    assert caught.value.kind == "malformed"


def test_a_wrong_key_is_told_by_the_check() -> None:
    wavespeed.parse_check(said({"balance": 0}))
    for response in (said(None, status=401, code=401), said(None, code=401)):
        with pytest.raises(ProviderError) as caught:
            wavespeed.parse_check(response)
        assert caught.value.kind == "invalid_key"


# -- Callbacks ---------------------------------------------------------------------------------------------------------
SECRET, AT, BODY = "whsec_0123456789abcdef", 1_760_000_000, b'{"id": "p-1",  "status": "completed"}'


def signature(secret: str = "0123456789abcdef", at: str = str(AT), body: bytes = BODY, name: str = "evt-1") -> str:
    return hmac.new(secret.encode(), f"{name}.{at}.".encode() + body, hashlib.sha256).hexdigest()


def genuine(signed: str, *, now: float = AT, at: str = str(AT), body: bytes = BODY, secret: str = SECRET) -> bool:
    headers = {"webhook-id": "evt-1", "webhook-timestamp": at, "webhook-signature": signed}
    return wavespeed.webhook_is_genuine(secret, headers, body, now=now)


def test_a_callback_is_signed_with_the_secret_less_its_prefix_as_text() -> None:
    assert genuine(f"v3,{signature()}")
    assert genuine(f"v3,{signature()}", secret="0123456789abcdef")
    assert not genuine(f"v3,{signature(secret=SECRET)}")


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_callback_may_be_five_minutes_old(late: int) -> None:
    assert genuine(f"v3,{signature()}", now=AT + late)
    assert not genuine(f"v3,{signature()}", now=AT + 301)
    assert not genuine(f"v3,{signature()}", now=AT - 301)


def test_several_signatures_may_stand_beside_each_other() -> None:
    assert genuine(f"v1,xyz v3,{'0' * 64} v3,{signature().upper()}")


@pytest.mark.parametrize(
    "signed",
    ["", "v3", "v3,", "v3,é", f"v2,{signature()}", signature(), f"v3,{signature()[:-1]}", f"v3,{signature(at='1')}",
     f"v3,{signature(body=BODY + b' ')}", f"v3,{signature(name='evt-2')}", f"v3 {signature()}"],
)  # fmt: skip
def test_any_other_signature_is_none(signed: str) -> None:
    assert not genuine(signed)


@pytest.mark.parametrize("at", ["", "soon", "-1", "1e9", "١٧٦", "9" * 40, f"{AT}.5", f" {AT}"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    assert not genuine(f"v3,{signature(at=at)}", at=at)


def test_nothing_is_genuine_without_a_secret_or_headers() -> None:
    assert not genuine(f"v3,{signature(secret='')}", secret="")
    assert not wavespeed.webhook_is_genuine(SECRET, {}, BODY, now=AT)


def test_the_secret_is_read() -> None:
    assert wavespeed.parse_webhook_secret(said({"secret": SECRET})) == SECRET
    assert wavespeed.parse_webhook_secret(said(SECRET)) == SECRET
    for odd in (None, {}, {"secret": ""}, 7, []):
        with pytest.raises(ProviderError):
            wavespeed.parse_webhook_secret(said(odd))


# -- Prices ------------------------------------------------------------------------------------------------------------
IMAGE = Option("image", "media", "Image", accept=("image",), required=True)
PRICED = ModelInfo(
    MODEL,
    "flux-dev",
    "video",
    options=(IMAGE, Option("size", "text", "Size")),
    price=Price(Cost(Decimal("0.012"), "USD"), "run", floor=True),
)


def told(response: Response) -> Quote:
    return wavespeed.parse_quote(response, spec())


def test_a_price_is_asked_for_with_the_inputs_that_a_job_would_have() -> None:
    new, old = wavespeed.build_quotes(spec(num_images=2, seed=None, images="https://a/1.png"))
    assert new.json == old.json
    assert new.json == {
        "model_id": MODEL,
        "inputs": {"prompt": "a red fox", "num_images": 2, "images": ["https://a/1.png"]},
    }


def test_what_only_studio_can_open_is_not_asked_with() -> None:
    given = spec("", image=UPLOAD, images=["https://a/1.png", RESULT], video="data:video/mp4;base64,AA", size="9*9")
    assert wavespeed.build_quotes(given)[0].json["inputs"] == {"size": "9*9"}


def test_the_price_that_counts_is_the_discounted_one() -> None:
    assert told(said({"price": 0.05, "discounted_price": 0.04, "discount_rate": 0.8, "currency": "USD"})) == Quote(
        Cost(Decimal("0.04"), "USD"), "Discounted from 0.05 USD."
    )


@pytest.mark.parametrize(
    ("data", "cost"),
    [
        ({"price": 0.05}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "currency": "EUR"}, Cost(Decimal("0.05"), "EUR")),
        ({"price": 0.05, "discounted_price": 0.05}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": 0}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": None}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": "none"}, Cost(Decimal("0.05"), "USD")),
        ({"discounted_price": "0.04"}, Cost(Decimal("0.04"), "USD")),
        ({"unit_price": 0.07, "currency": "USD"}, Cost(Decimal("0.07"), "USD")),
        ({"price": 0}, Cost(Decimal(0), "USD")),
    ],
)
def test_a_price_of_either_address(data: Json, cost: Cost) -> None:
    assert told(said(data)) == Quote(cost)


@pytest.mark.parametrize("data", [None, {}, {"price": None}, {"price": "dear"}, {"price": -1}, [], 0.05,
                                  {"price": 0.05, "currency": 7}])  # fmt: skip
def test_a_price_that_is_none_is_never_made_up(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        told(said(data))
    assert caught.value.kind == "malformed"


def test_what_a_quote_could_not_see_is_named() -> None:
    assert wavespeed.unseen(spec(image="https://a/1.png"), PRICED) == []
    assert wavespeed.unseen(spec(), PRICED) == ["“Image”"]
    assert wavespeed.unseen(spec(image=UPLOAD, other=[RESULT]), PRICED) == ["“Image”", "“other”"]
    assert wavespeed.unseen(spec(image=UPLOAD), None) == ["“image”"]
    speech = ModelInfo("a/b", "b", "audio")
    assert wavespeed.unseen(spec("", kind="audio"), speech) == ["the prompt"]
    assert wavespeed.unseen(spec(kind="audio"), speech) == []


def quoted(given: JobSpec, *answers: Response) -> Quote:
    flow = verbs.quote(wavespeed, given, PRICED)
    next(flow)
    for answer in answers:
        try:
            flow.send(answer)
        except StopIteration as end:
            result: Quote = end.value
            return result
    raise AssertionError("it asks on")


def test_a_price_that_could_not_see_everything_is_an_estimate() -> None:
    answer = said({"price": 0.15})
    assert quoted(spec(image="https://a/1.png"), answer) == Quote(Cost(Decimal("0.15"), "USD"))
    assert quoted(spec(image=UPLOAD), answer) == Quote(
        Cost(Decimal("0.15"), "USD"), "Asked for without “Image”, on which it may depend.", estimate=True
    )


def test_the_older_address_is_asked_where_the_newer_is_not_there() -> None:
    missing = said(None, status=404, code=404)
    given = spec(image="https://a/1.png")
    assert quoted(given, missing, said({"unit_price": 0.2})) == Quote(Cost(Decimal("0.2"), "USD"))
    assert quoted(given, said({}), said({"unit_price": 0.2})) == Quote(Cost(Decimal("0.2"), "USD"))
    listed = quoted(given, missing, missing)
    assert (listed.cost, listed.estimate) == (Cost(Decimal("0.012"), "USD"), True)


def test_the_price_list_only_says_where_a_price_begins() -> None:
    listed = wavespeed.quote(spec(), PRICED)
    assert (listed.cost, listed.estimate) == (Cost(Decimal("0.012"), "USD"), True)
    assert "begins" in listed.note
    for model in (None, wavespeed.typed_model("a/b", "image")):
        unknown = wavespeed.quote(spec(), model)
        assert unknown.cost is None
        assert unknown.note.startswith("Price unknown")


# -- Uploads -----------------------------------------------------------------------------------------------------------
TICKET = {
    "download_url": "https://cdn.example/a.png",
    "upload": {"method": "PUT", "url": "https://store.example/a?sig=1", "headers": {"Content-Type": "image/png"}},
}


def test_a_ticket_is_asked_for_by_name_and_size() -> None:
    request = wavespeed.build_ticket("../my cat é.png", 1234, "image/PNG; x=y")
    assert request.json == {"filename": "my-cat-.png", "size": 1234, "content_type": "image/png"}


def test_a_ticket_is_read() -> None:
    assert wavespeed.parse_ticket(said(TICKET)) == Ticket(
        "https://cdn.example/a.png", "PUT", "https://store.example/a?sig=1", {"Content-Type": "image/png"}
    )


def test_a_ticket_needs_no_headers_and_no_method() -> None:
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {"url": "https://store.example/a"}}))
    assert (ticket.method, dict(ticket.headers)) == ("PUT", {})


@pytest.mark.parametrize("method", ["PUT", "put"])
def test_a_tickets_method_is_put_in_any_letters_as_the_official_client_takes_it(method: str) -> None:
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {**TICKET["upload"], "method": method}}))
    assert ticket.method == "PUT"


def test_headers_that_would_break_a_request_are_left_out() -> None:
    given = {"x-ok": "1", "Host": "evil.example", "x-bad": "a\r\nb", "no good": "1", "x-num": 7, "Content-Length": "1"}
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {**TICKET["upload"], "headers": given}}))
    assert dict(ticket.headers) == {"x-ok": "1"}


@pytest.mark.parametrize(
    "data",
    [None, {}, {**TICKET, "upload": None}, {**TICKET, "download_url": ""}, {**TICKET, "download_url": "file:///etc/x"},
     {**TICKET, "upload": {"method": "POST", "url": "https://a/"}}, {**TICKET, "upload": {"method": "PUT"}},
     {**TICKET, "upload": {"method": "PUT", "url": "ftp://a/"}}, {**TICKET, "upload": {"method": 7, "url": "https://a/"}}],
)  # fmt: skip
def test_leave_that_says_not_where_is_malformed(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.parse_ticket(said(data))
    assert caught.value.kind == "malformed"


def test_the_older_upload_is_a_form_of_one_file() -> None:
    request = wavespeed.build_upload('a"b\r\nc.png', b"\x89PNG\r\n--x", "image/png")
    boundary = request.content_type.removeprefix("multipart/form-data; boundary=")
    assert len(boundary) == 32
    assert (
        request.content
        == (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="a-b-c.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        + b"\x89PNG\r\n--x"
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert request.content != wavespeed.build_upload("a", b"", "").content
    assert request.json is None


@pytest.mark.parametrize(
    ("name", "sent"),
    [("a.png", "a.png"), ("", "file"), ("..", "file"), ("/etc/passwd", "passwd"), ("C:\\x\\y.jpg", "y.jpg"),
     (".hidden", "hidden"), ("é", "file"), ("x" * 200 + ".png", "x" * 96 + ".png")],
)  # fmt: skip
def test_a_filename_is_safe(name: str, sent: str) -> None:
    assert wavespeed.build_ticket(name, 1, "image/png").json["filename"] == sent


@pytest.mark.parametrize("odd", ["", "png", "image/png\r\nX: y", "image/*", "a/b/c"])
def test_a_content_type_that_is_none_says_nothing(odd: str) -> None:
    assert wavespeed.build_ticket("a", 1, odd).json["content_type"] == "application/octet-stream"


def test_the_address_of_an_upload() -> None:
    data = {"type": "image", "download_url": "https://cdn.example/a.png", "filename": "a.png", "size": 1}
    assert wavespeed.parse_upload(said(data)) == "https://cdn.example/a.png"
    for odd in (None, {}, {"download_url": "nowhere"}, {"download_url": 7}):
        with pytest.raises(ProviderError):
            wavespeed.parse_upload(said(odd))
