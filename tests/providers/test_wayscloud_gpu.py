import json
from decimal import Decimal
from typing import Any

import pytest

from studio.providers.base import (
    Cost,
    JobSpec,
    Json,
    ModelInfo,
    Output,
    Price,
    Progress,
    ProviderError,
    Quote,
    Response,
)
from studio.providers.wayscloud_gpu import WaysCloudGpu

from .samples import answered, sample

gpu = WaysCloudGpu()
URL = "https://storage.wayscloud.services/gpu-studio/tenant/<tenant_id>/jobs/<job_id>/output.png"
JOB = Progress(
    remote_id="f47ac10b-58cc-4372-a567-0e02b2c3d479",
    state="succeeded",
    percent=100,
    outputs=(Output("image", URL),),
    estimated=Cost(Decimal("2.0"), "NOK"),
    actual=Cost(Decimal("2.0"), "NOK"),
    status_word="completed",
    model="image-flux-fast",
    kind="image",
    created_at="2025-01-15T10:30:00Z",
)


def ours(name: str) -> Response:
    return answered("wayscloud_gpu", name)


def catalogue(**payloads: Json) -> list[ModelInfo]:
    names = ("engines", "presets", "pricing")
    samples = {name: json.loads(sample("wayscloud_gpu", name)) for name in names}
    return list(gpu.parse_catalogue({**samples, **payloads}))


def job(**fields: Json) -> Response:
    """The sample job with other fields; `...` takes one out."""
    body = {**json.loads(sample("wayscloud_gpu", "job")), **fields}
    return Response(200, json.dumps({k: v for k, v in body.items() if v is not ...}).encode())


# -- The reference's own samples ---------------------------------------------------------------------------------------
def test_the_sample_create_is_what_we_send() -> None:
    spec = JobSpec(
        "image", "image-flux-fast", "A serene mountain landscape at sunset", settings={"aspect_ratio": "16:9"}
    )
    request = gpu.build_submit(spec)
    assert (request.method, request.path) == ("POST", "/v1/gpu/jobs")
    assert request.json == json.loads(sample("wayscloud_gpu", "create"))


def test_the_sample_reply_to_a_create_is_already_final() -> None:
    assert gpu.parse_submit(ours("job")) == JOB
    assert gpu.parse_submit(ours("job")).ended


def test_the_sample_job_is_read() -> None:
    assert gpu.parse_status(ours("job")) == JOB


def test_the_sample_list_is_read() -> None:
    assert gpu.parse_list(ours("jobs")) == [JOB]


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


# -- The catalogue -----------------------------------------------------------------------------------------------------
def test_options_of_an_image() -> None:
    options = {option.name: option for option in catalogue()[0].options}
    assert list(options) == ["preset", "aspect_ratio", "negative_prompt", "seed"]
    ratio = options["aspect_ratio"]
    assert ([choice.value for choice in ratio.choices], ratio.default) == (["1:1", "4:5", "16:9", "9:16"], "16:9")
    assert options["seed"].type == "seed"


def test_options_of_a_video() -> None:
    options = {option.name: option for option in catalogue()[2].options}
    assert list(options) == ["duration_sec", "negative_prompt", "seed"]
    duration = options["duration_sec"]
    assert (duration.type, duration.unit, duration.choices, duration.max) == ("duration", "s", (), None)


@pytest.mark.parametrize(
    ("tier", "reason"),
    [
        ("pro", "Needs the pro plan at WAYSCloud GPU Studio."),
        (None, "WAYSCloud GPU Studio does not offer it to this account at present."),
    ],
)
def test_an_engine_out_of_reach_says_why(tier: Json, reason: str) -> None:
    [model] = catalogue(engines=[{"engine": "e", "type": "image", "tier_required": tier, "available": False}])
    assert (model.available, model.unavailable_reason) == (False, reason)


def test_an_engine_with_little_said_is_still_one() -> None:
    [model] = catalogue(engines=[{"engine": "e", "type": "video"}])
    assert (model.name, model.description, model.available, model.price) == ("e", "", True, None)


def test_rows_that_make_no_sense_are_left_out() -> None:
    engines = [
        None,
        7,
        {},
        {"engine": "", "type": "image"},
        {"engine": ["e"], "type": "image"},
        {"engine": "a", "type": "audio"},
        {"engine": "b", "type": ["image"]},
        {"engine": "good", "type": "image", "name": 7, "new_field": {}},
    ]
    assert [model.id for model in catalogue(engines=engines)] == ["good"]


@pytest.mark.parametrize("odd", [None, 7, "text", {}, {"engines": None}])
def test_a_catalogue_of_odd_payloads_is_what_can_be_read(odd: Json) -> None:
    assert catalogue(engines=odd) == []
    assert [model.id for model in catalogue(presets=odd, pricing=odd)] == [
        "image-flux-fast",
        "image-flux-pro",
        "video-veo-pro",
    ]
    assert gpu.parse_catalogue({}) == []


def test_lists_may_come_wrapped() -> None:
    engines = json.loads(sample("wayscloud_gpu", "engines"))
    assert len(catalogue(engines={"engines": engines})) == len(catalogue(engines={"data": engines})) == 3


# -- Quotes ------------------------------------------------------------------------------------------------------------
def quote(unit: Json, price: Json = 2.0, kind: Any = "image", currency: Json = "NOK", **settings: Json) -> Quote:
    engines = [{"engine": "e", "type": kind}]
    pricing = [{"engine": "e", "type": kind, "unit": unit, "price_per_unit": price, "currency": currency}]
    [model] = catalogue(engines=engines, pricing=pricing)
    return gpu.quote(JobSpec(kind, "e", "p", settings), model)


@pytest.mark.parametrize("unit", ["image", "images", "Image", "per image", "video", "job", "generation", None, ""])
def test_a_price_by_the_piece_is_the_quote(unit: Json) -> None:
    assert quote(unit) == Quote(Cost(Decimal("2.0"), "NOK"))


def test_a_price_is_quoted_in_the_currency_of_its_row() -> None:
    assert quote("image", "0.45", currency="EUR").cost == Cost(Decimal("0.45"), "EUR")


@pytest.mark.parametrize("unit", ["second", "seconds", "sec", "s", "per_second"])
def test_a_price_by_the_second_is_multiplied_by_the_duration(unit: str) -> None:
    said = quote(unit, 1.5, "video", duration_sec=8)
    assert (said.cost, said.estimate) == (Cost(Decimal("12.0"), "NOK"), False)


def test_a_price_by_the_minute_is_an_estimate() -> None:
    said = quote("minute", 30, "video", duration_sec=8)
    assert (said.cost, said.estimate) == (Cost(Decimal(4), "NOK"), True)
    assert "rounded up" in said.note


@pytest.mark.parametrize(
    ("unit", "kind", "settings"),
    [
        ("second", "video", {}),
        ("second", "video", {"duration_sec": None}),
        ("second", "video", {"duration_sec": True}),
        ("second", "image", {"duration_sec": 8}),
        ("megapixel", "image", {}),
    ],
)
def test_a_price_that_cannot_be_computed_is_said_to_be_unknown(unit: str, kind: Any, settings: dict[str, Json]) -> None:
    said = quote(unit, 1.5, kind, **settings)
    assert said.cost is None
    assert said.note.startswith("Price unknown")
    assert f"1.5 NOK a {unit}" in said.note


@pytest.mark.parametrize(("price", "currency"), [(None, "NOK"), ("free", "NOK"), (-1, "NOK"), (2.0, None), (2.0, "")])
def test_a_price_that_is_none_is_unknown(price: Json, currency: Json) -> None:
    assert quote("image", price, currency=currency).cost is None


def test_without_a_row_or_a_model_the_price_is_unknown() -> None:
    spec = JobSpec("image", "e", "p")
    assert gpu.quote(spec, None).cost is None
    assert gpu.quote(spec, catalogue(pricing=[])[0]).note.startswith("Price unknown")


def test_all_engines_are_priced_in_the_currency_that_prices_the_most_of_them() -> None:
    rows = [("image-flux-fast", "EUR", 0.2), ("image-flux-fast", "NOK", 2.0), ("image-flux-pro", "NOK", 5.0),
            ("video-veo-pro", "EUR", 3.0)]  # fmt: skip
    pricing = [
        {"engine": engine, "unit": "image", "currency": currency, "price_per_unit": price}
        for engine, currency, price in rows
    ]
    prices = {model.id: model.price and model.price.cost for model in catalogue(pricing=[*pricing, *pricing[1:3]])}
    assert prices["image-flux-pro"] == Cost(Decimal("5.0"), "NOK")
    assert prices["video-veo-pro"] == Cost(Decimal("3.0"), "EUR")  # nothing is converted
    pricing.append({"engine": "video-veo-pro", "unit": "video", "currency": "NOK", "price_per_unit": 30})
    prices = {model.id: model.price and model.price.cost for model in catalogue(pricing=pricing)}
    assert prices == {
        "image-flux-fast": Cost(Decimal("2.0"), "NOK"),
        "image-flux-pro": Cost(Decimal("5.0"), "NOK"),
        "video-veo-pro": Cost(Decimal(30), "NOK"),
    }


def test_its_lists_are_told_without_a_key_too() -> None:
    assert all(request.open for request in gpu.build_catalogue().values())
    assert not gpu.build_list().open


def test_the_first_row_of_an_engine_counts() -> None:
    rows = [{"engine": "image-flux-fast", "unit": "image", "price_per_unit": p, "currency": c}
            for p, c in ((None, "SEK"), (2, "NOK"), (0.2, "EUR"))]  # fmt: skip
    price = catalogue(pricing=rows)[0].price
    assert price == Price(Cost(Decimal(2), "NOK"), "image")


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
