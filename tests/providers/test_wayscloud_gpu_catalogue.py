"""GPU Studio's engines, presets and prices."""

import json
from decimal import Decimal
from typing import Any

import pytest

from studio.providers.base import Cost, JobSpec, Json, Price, Quote

from .samples import sample
from .wayscloud_said import catalogue, gpu


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


def test_an_engine_of_another_plan_may_be_in_reach() -> None:
    """`available` speaks of this account; the plan is only told."""
    [model] = catalogue(engines=[{"engine": "e", "type": "image", "tier_required": "pro", "available": True}])
    assert (model.available, model.tier_required, model.unavailable_reason) == (True, "pro", "")


def test_prices_say_nothing_about_what_is_available() -> None:
    row = {"unit": "image", "price_per_unit": 2, "currency": "NOK", "tier_required": "pro"}
    pricing = [{"engine": "unknown", **row}, {"engine": "e", **row}]
    [model] = catalogue(engines=[{"engine": "e", "type": "image", "tier_required": None}], pricing=pricing)
    assert (model.id, model.available, model.tier_required) == ("e", True, "")
    assert model.price == Price(Cost(Decimal(2), "NOK"), "image")


def test_a_preset_is_offered_for_its_type_alone() -> None:
    presets = [{"name": "soft", "type": "image"}, {"name": "slow_pan", "type": "video"}, {"name": "any"}]
    image, _, video = catalogue(presets=presets)
    offered = [[choice.value for choice in option.choices] for m in (image, video) if (option := m.option("preset"))]
    assert offered == [["soft"], ["slow_pan"]]


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
    assert f"1.50\u00a0NOK a {unit}" in said.note


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
