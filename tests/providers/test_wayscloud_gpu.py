import json
from decimal import Decimal
from typing import Any

import pytest

from studio.providers.base import Cost, JobSpec, Json, Output, Price, Progress, ProviderError, Response

from .samples import sample
from .wayscloud_said import JOB, catalogue, gpu, job, sampled


# -- The reference's own samples ---------------------------------------------------------------------------------------
def test_the_sample_create_is_what_we_send() -> None:
    spec = JobSpec(
        "image", "image-flux-fast", "A serene mountain landscape at sunset", settings={"aspect_ratio": "16:9"}
    )
    request = gpu.build_submit(spec)
    assert (request.method, request.path) == ("POST", "/v1/gpu/jobs")
    assert request.json == json.loads(sample("wayscloud_gpu", "create"))


def test_the_sample_reply_to_a_create_is_already_final() -> None:
    assert gpu.parse_submit(sampled("job")) == JOB
    assert gpu.parse_submit(sampled("job")).ended


def test_the_sample_job_is_read() -> None:
    assert gpu.parse_status(sampled("job")) == JOB


def test_the_sample_list_is_read() -> None:
    assert gpu.parse_list(sampled("jobs")) == [JOB]


def test_the_sample_catalogue_is_read() -> None:
    fast, pro, veo = catalogue()
    assert (fast.id, fast.name, fast.kind, fast.description) == (
        "image-flux-fast", "FLUX Fast", "image", "Quick image drafts",
    )  # fmt: skip
    assert fast.price == Price(Cost(Decimal("2.0"), "NOK"), "image")
    assert (fast.tier_required, fast.available, fast.unavailable_reason) == ("", True, "")
    assert (pro.tier_required, pro.available, pro.price) == ("pro", True, None)
    assert (veo.id, veo.kind) == ("video-veo-pro", "video")
    preset = fast.option("preset")
    assert preset
    assert [(c.value, c.label, c.help) for c in preset.choices] == [
        ("cinematic_light", "Cinematic light", "Cinematic lighting style")
    ]
    assert veo.option("preset") is None


# -- Requests ----------------------------------------------------------------------------------------------------------
def test_the_key_goes_in_its_own_header() -> None:
    assert gpu.headers("wayscloud_gpu_abc12_SECRET") == {"X-API-Key": "wayscloud_gpu_abc12_SECRET"}


def test_every_address() -> None:
    assert {name: (r.method, r.path) for name, r in gpu.build_catalogue().items()} == {
        "engines": ("GET", "/v1/gpu/engines"),
        "presets": ("GET", "/v1/gpu/presets"),
        "pricing": ("GET", "/v1/gpu/pricing"),
    }
    assert next(iter(gpu.build_catalogue())) == "engines"
    requests = (gpu.build_list(), *gpu.build_statuses("a-1", "image"), gpu.build_cancel("a-1"), gpu.build_check())
    assert [(r.method, r.path, dict(r.params)) for r in requests] == [
        ("GET", "/v1/gpu/jobs", {}),
        ("GET", "/v1/gpu/jobs/a-1", {}),
        ("DELETE", "/v1/gpu/jobs/a-1", {}),
        ("GET", "/v1/gpu/jobs", {}),
    ]


def test_an_odd_id_cannot_leave_its_path() -> None:
    assert gpu.build_statuses("../engines?x#y", "image")[0].path == "/v1/gpu/jobs/..%2Fengines%3Fx%23y"
    assert gpu.build_cancel("a b/é").path == "/v1/gpu/jobs/a%20b%2F%C3%A9"


def test_every_input_of_an_image_is_sent() -> None:
    settings = {"aspect_ratio": "4:5", "negative_prompt": "people", "seed": 0, "preset": "cinematic_light"}
    spec = JobSpec("image", "e", "p", settings, reference="ours", webhook_url="https://studio.example/hook")
    assert gpu.build_submit(spec).json == {
        "type": "image",
        "engine": "e",
        "inputs": {"prompt": "p", "aspect_ratio": "4:5", "negative_prompt": "people", "seed": 0},
        "preset": "cinematic_light",
    }


def test_every_input_of_a_video_is_sent_and_its_webhook() -> None:
    settings = {"duration_sec": 8, "negative_prompt": "people", "seed": 7, "preset": "slow_pan"}
    spec = JobSpec("video", "e", "p", settings, webhook_url="https://studio.example/hook")
    assert gpu.build_submit(spec).json == {
        "type": "video",
        "engine": "e",
        "inputs": {"prompt": "p", "duration_sec": 8, "negative_prompt": "people", "seed": 7},
        "preset": "slow_pan",
        "webhook_url": "https://studio.example/hook",
    }


@pytest.mark.parametrize("kind", ["image", "video"])
def test_what_was_left_alone_or_is_not_its_own_is_not_sent(kind: Any) -> None:
    settings = {"aspect_ratio": None, "negative_prompt": "", "seed": None, "preset": "", "steps": 40}
    body = gpu.build_submit(JobSpec(kind, "e", "p", settings)).json
    assert body == {"type": kind, "engine": "e", "inputs": {"prompt": "p"}}


@pytest.mark.parametrize("ratio", ["1:1", "4:5", "16:9", "9:16"])
def test_every_aspect_ratio_is_sent_as_it_is_named(ratio: str) -> None:
    body = gpu.build_submit(JobSpec("image", "e", "p", {"aspect_ratio": ratio, "duration_sec": 8})).json
    assert body == {"type": "image", "engine": "e", "inputs": {"prompt": "p", "aspect_ratio": ratio}}


def test_a_video_has_no_aspect_ratio_and_an_image_no_duration() -> None:
    settings = {"duration_sec": 8, "aspect_ratio": "1:1"}
    body = gpu.build_submit(JobSpec("video", "e", "p", settings)).json
    assert body == {"type": "video", "engine": "e", "inputs": {"prompt": "p", "duration_sec": 8}}


def test_what_it_can_do_is_declared() -> None:
    assert (gpu.can_list, gpu.can_look_up, gpu.can_cancel) == (True, True, True)
    assert (gpu.exact_lookup, gpu.can_delete, gpu.quotes, gpu.can_type_models) == (False, False, False, False)
    assert (gpu.takes_media, gpu.key_prefix) == ("", "wayscloud_gpu_")
    assert gpu.build_balance() is gpu.build_webhook_secret() is None


# -- Jobs --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "state"),
    [("queued", "pending"), ("processing", "running"), ("completed", "succeeded"), ("failed", "failed"),
     ("cancelled", "cancelled"), ("canceled", "cancelled"), ("COMPLETED", "succeeded"), ("paused", "running"),
     (None, "running"), (3, "running"), (..., "running")],
)  # fmt: skip
def test_a_status(word: Json, state: str) -> None:
    progress = gpu.parse_status(job(status=word))
    assert progress.state == state
    assert progress.status_word == (word if isinstance(word, str) else "")


def test_a_job_of_which_only_the_id_is_known() -> None:
    assert gpu.parse_status(Response(200, b'{"id": 12, "new": [{}]}')) == Progress("12", "running")


@pytest.mark.parametrize(
    "fields",
    [
        {"output_files": None, "estimated_cost": None, "actual_cost": None, "progress": None, "created_at": None},
        {"output_files": 7, "estimated_cost": "2 NOK", "actual_cost": [], "progress": "soon", "created_at": 7},
        {"output_files": [None], "estimated_cost": {"amount": None, "currency": "NOK"}, "actual_cost": {"amount": 2},
         "progress": {}, "created_at": []},
        dict.fromkeys(("output_files", "estimated_cost", "actual_cost", "progress", "created_at"), ...),
    ],
)  # fmt: skip
def test_a_job_of_odd_fields(fields: dict[str, Json]) -> None:
    progress = gpu.parse_status(job(**fields))
    assert (progress.state, progress.outputs, progress.estimated, progress.actual) == ("succeeded", (), None, None)
    assert (progress.percent, progress.created_at) == (None, "")


@pytest.mark.parametrize(("given", "read"), [(-5, 0), (150, 100), (45.5, 45), ("45", 45), (None, None)])
def test_progress_is_within_0_and_100(given: Json, read: int | None) -> None:
    assert gpu.parse_status(job(progress=given)).percent == read


def test_outputs_without_a_key_are_named_by_the_kind_of_job() -> None:
    files = ["https://cdn.example/1.mp4", {"url": "https://cdn.example/2.mp4"}]
    assert gpu.parse_status(job(type="video", output_files=files)).outputs == (
        Output("video", "https://cdn.example/1.mp4"),
        Output("video-2", "https://cdn.example/2.mp4"),
    )


@pytest.mark.parametrize(
    ("message", "said", "kind"),
    [
        ("Out of GPU memory", "Out of GPU memory", None),
        ({"code": "OOM", "message": "Out of GPU memory"}, "Out of GPU memory", None),
        ("Blocked by our content policy", "Blocked by our content policy", "content_filtered"),
        (None, "", None),
        (7, "", None),
    ],
)
def test_a_failed_job_says_why_if_it_can(message: Json, said: str, kind: str | None) -> None:
    progress = gpu.parse_status(job(status="failed", error_message=message, output_files=None))
    assert (progress.state, progress.message, progress.error_kind) == ("failed", said, kind)


def test_the_costs_of_a_job_may_differ() -> None:
    progress = gpu.parse_status(job(actual_cost={"amount": "1.75", "currency": "EUR"}))
    assert progress.estimated == Cost(Decimal("2.0"), "NOK")
    assert progress.actual == Cost(Decimal("1.75"), "EUR")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'"queued"', b'{"status": "queued"}', b'{"id": null}',
                                  b'{"id": ""}', b'{"id": ".."}', b"", b"<html>"])  # fmt: skip
def test_a_create_answered_without_an_id_may_have_been_acted_on(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        gpu.parse_submit(Response(200, body))
    assert (caught.value.kind, caught.value.sent) == ("malformed", True)
    with pytest.raises(ProviderError) as caught:
        gpu.parse_status(Response(200, body))
    assert (caught.value.kind, caught.value.sent) == ("malformed", False)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_good_status_of_a_create_is_one(status: int) -> None:
    assert gpu.parse_submit(Response(status, sample("wayscloud_gpu", "job"))) == JOB


def test_a_list_leaves_out_what_has_no_id() -> None:
    body = json.dumps([{"id": "1"}, {}, None, "odd", {"id": "2", "status": "failed"}]).encode()
    assert [progress.remote_id for progress in gpu.parse_list(Response(200, body))] == ["1", "2"]


@pytest.mark.parametrize("body", [b"{}", b"null", b'"jobs"', b"<html>", b""])
def test_a_list_that_is_none_is_malformed_and_never_empty(body: bytes) -> None:
    for parse in (gpu.parse_list, gpu.parse_check):
        with pytest.raises(ProviderError) as caught:
            parse(Response(200, body))
        assert caught.value.kind == "malformed"


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"{}"), (200, sample("wayscloud_gpu", "job")), (202, b""), (204, b"")]
)
def test_a_cancel_that_was_taken(status: int, body: bytes) -> None:
    gpu.parse_cancel(Response(status, body))


@pytest.mark.parametrize(("status", "kind"), [(404, "not_found"), (409, "bad_request"), (500, "unavailable")])
def test_a_cancel_that_was_not(status: int, kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        gpu.parse_cancel(Response(status, b'{"detail": "Only queued or processing jobs can be cancelled"}'))
    assert (caught.value.kind, caught.value.status) == (kind, status)


def test_a_wrong_key_is_told_by_the_check() -> None:
    with pytest.raises(ProviderError) as caught:
        gpu.parse_check(Response(401, b'{"error": {"code": "AUTH_FAILED", "message": "Invalid API key"}}'))
    assert caught.value.kind == "invalid_key"
    gpu.parse_check(Response(200, b"[]"))
