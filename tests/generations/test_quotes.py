"""Prices before the click: asked for once, kept, never waited for long, never made up."""

import random
import threading
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from generations.catalogue.listings import Offer
from generations.money import quotes
from generations.money.quotes import PENDING, Total, total
from studio.providers.base import FREE, Cost, JobSpec, ModelInfo, Option, ProviderError, Quote, Request
from studio.providers.dialect import Dialect
from tests.generations.conftest import until

MODEL = ModelInfo("painter", "Painter", "image", options=(Option("seed", "seed", "Seed"),))
LISTED = Quote(Cost(Decimal(12), "credits"), "An estimate from the table.", estimate=True)


class Priced(Dialect):
    """It names prices: what `answers` says, after `gate` is opened."""

    name: ClassVar[str] = "priced"
    label: ClassVar[str] = "Priced"
    quotes: ClassVar[bool] = True

    def build_quotes(self, spec: JobSpec) -> list[Request]:
        return [Request("POST", f"/price/{spec.model}", json=[spec.prompt, dict(spec.settings)], reads=True)]

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        return LISTED if spec.model == MODEL.id else Quote(None, "The table does not have it.")


class Asked(list[JobSpec]):
    """The provider behind `connect`: the questions that reached it."""

    def __init__(self) -> None:
        self.answer: Any = Quote(Cost(Decimal(16), "credits"))
        self.gate = threading.Event()
        self.gate.set()

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        self.append(spec)
        assert self.gate.wait(20)
        if isinstance(self.answer, Exception):
            raise self.answer
        assert isinstance(self.answer, Quote)
        return self.answer


@pytest.fixture
def asked(monkeypatch) -> Iterator[Asked]:
    asked = Asked()
    monkeypatch.setattr(quotes, "connect", lambda *args, **kwargs: asked)
    yield asked
    asked.gate.set()
    until(lambda: not quotes._questions._asked)


def offer(model: ModelInfo = MODEL, key: Any = None) -> Offer:
    return Offer(Priced(), key, model)


def spec(prompt: str = "", model: ModelInfo = MODEL, **settings: Any) -> JobSpec:
    return JobSpec(model.kind, model.id, prompt, settings)


def test_the_provider_names_the_price(asked):
    assert quotes.quote(offer(), spec(size=2), patience=20) == Quote(Cost(Decimal(16), "credits"))
    assert [dict(question.settings) for question in asked] == [{"size": 2}]


def test_the_same_settings_are_asked_about_once(asked):
    for prompt, seed in (("a fox", 1), ("a hare", 2), ("", None)):
        assert quotes.quote(offer(), spec(prompt, size=2, seed=seed), patience=20).cost
    assert len(asked) == 1
    assert asked[0].prompt == ""
    assert quotes.quote(offer(), spec(size=3), patience=20).cost
    assert len(asked) == 2


def test_speech_is_priced_by_its_text(asked):
    speaker = ModelInfo("speaker", "Speaker", "audio")
    for text in ("short", "much longer"):
        quotes.quote(offer(speaker), spec(text, speaker), patience=20)
    assert [question.prompt for question in asked] == ["short", "much longer"]


def test_another_key_is_another_question(asked):
    for key in (
        None,
        SimpleNamespace(pk=1, hint="a"),
        SimpleNamespace(pk=2, hint="b"),
        SimpleNamespace(pk=2, hint="c"),
    ):
        quotes.quote(offer(key=key), spec(), patience=20)
    assert len(asked) == 4


def test_a_slow_price_is_pending_and_then_there(asked):
    asked.gate.clear()
    assert quotes.quote(offer(), spec(), patience=0) == PENDING
    assert quotes.quote(offer(), spec(), patience=0) == PENDING
    asked.gate.set()
    assert until(lambda: quotes.quote(offer(), spec(), patience=0).cost) == Cost(Decimal(16), "credits")
    assert len(asked) == 1


def test_who_comes_while_it_is_asked_shares_the_answer(asked):
    asked.gate.clear()
    found: list[Quote] = []
    threads = [
        threading.Thread(target=lambda: found.append(quotes.quote(offer(), spec(), patience=20))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(asked) == 1)
    asked.gate.set()
    for thread in threads:
        thread.join(20)
    assert [quote.cost for quote in found] == [Cost(Decimal(16), "credits")] * 8
    assert len(asked) == 1


def test_several_are_asked_for_together(asked):
    asked.gate.clear()
    wanted = [(offer(), spec(size=size)) for size in range(3)]
    assert quotes.several(wanted, patience=0) == [PENDING] * 3
    until(lambda: len(asked) == 3)


@pytest.mark.parametrize("kind", ["unavailable", "rate_limited", "invalid_key", "malformed"])
def test_when_the_call_fails_the_price_list_stands_in_and_says_so(asked, kind):
    asked.answer = ProviderError(kind, "Priced did not answer in time.", sent=False)
    quote = quotes.quote(offer(), spec(), patience=20)
    assert quote.cost == LISTED.cost
    assert quote.estimate
    assert quote.note == "Priced did not answer in time. An estimate from the table."
    quotes.quote(offer(), spec(), patience=20)
    assert len(asked) == 1  # not at every change of the form


def test_without_a_price_list_it_stays_unknown(asked):
    asked.answer = ProviderError("unavailable", "Priced cannot be reached.", sent=False)
    other = ModelInfo("other", "Other", "image")
    quote = quotes.quote(offer(other), spec(model=other), patience=20)
    assert quote == Quote(None, "Priced cannot be reached. The table does not have it.")


def test_a_failure_is_forgotten_before_a_price_is(asked, monkeypatch):
    kept: dict[str, int] = {}

    def keep(place: str, told: Quote | str, seconds: int) -> None:
        kept[type(told).__name__] = seconds

    monkeypatch.setattr(quotes, "cache", SimpleNamespace(get=lambda place: None, set=keep))
    quotes.quote(offer(), spec(size=1), patience=20)
    asked.answer = ProviderError("unavailable", "Away.", sent=False)
    quotes.quote(offer(), spec(size=2), patience=20)
    assert kept == {"Quote": 600, "str": 20}


def test_a_provider_with_a_price_list_alone_is_not_asked(asked, monkeypatch):
    monkeypatch.setattr(Priced, "quotes", False)
    assert quotes.quote(offer(), spec()) == LISTED
    assert not asked


# -- Totals ----------------------------------------------------------------------------------------------------------
UNITS = ("NOK", "USD", "credits")
Parts = list[tuple[Quote, int]]


def drawn(number: int) -> Parts:
    """Any prices of any jobs, the same for the same number."""
    chance = random.Random(number)
    return [(_price(chance), chance.randint(1, 20)) for _ in range(chance.randint(0, 12))]


def _price(chance: random.Random) -> Quote:
    known = Cost(Decimal(chance.randrange(10**9)).scaleb(-chance.randint(0, 6)), chance.choice(UNITS))
    cost = chance.choice([None, FREE, known, known, known])
    return chance.choice([PENDING, *[Quote(cost, chance.choice(["", "A note."]), chance.random() < 0.3)] * 5])


def cost(amount: str, unit: str) -> Quote:
    return Quote(Cost(Decimal(amount), unit))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "free"),
        ([(Quote(FREE), 4)], "free"),
        ([(cost("2", "NOK"), 1)], "2.00 NOK"),
        (
            [(cost("6", "credits"), 4), (cost("2", "NOK"), 1), (Quote(None), 1)],
            "2.00 NOK + 24 credits + 1 price unknown",
        ),
        ([(Quote(FREE), 1), (cost("1", "credits"), 1)], "1 credit"),
        ([(Quote(None), 1)], "price unknown"),
        ([(Quote(None), 3)], "price unknown"),
        ([(Quote(None), 2), (Quote(FREE), 1)], "2 prices unknown"),
        ([(PENDING, 1)], "price unknown"),
        ([(cost("0.1", "USD"), 3)], "0.30 USD"),
    ],
)
def test_a_total_in_words(parts, words):
    assert str(total(parts)).replace("\xa0", " ") == words


@pytest.mark.parametrize("number", range(60))
def test_each_unit_is_summed_by_itself_and_exactly(number):
    parts = drawn(number)
    found = total(parts)
    for unit in {cost.unit for cost in found.costs}:
        jobs = [
            quote.cost.amount for quote, count in parts for _ in range(count) if quote.cost and quote.cost.unit == unit
        ]
        assert [cost.amount for cost in found.costs if cost.unit == unit] == [sum(jobs, Decimal(0))]
    assert found.unknown == sum(count for quote, count in parts if quote.cost is None and not quote.pending)
    assert found.pending == sum(count for quote, count in parts if quote.pending)
    assert found.estimate == any(quote.estimate for quote, _ in parts)


@pytest.mark.parametrize("number", range(60))
def test_what_was_seen_survives_the_form(number):
    found = total(drawn(number))
    seen = Total.read(found.seen)
    assert {c.unit: c.amount for c in seen.costs} == {c.unit: c.amount for c in found.costs if c != FREE}
    assert found.exceeds(seen) == (found.pending > 0)


@pytest.mark.parametrize("number", range(60))
def test_more_of_anything_exceeds_what_was_seen(number):
    before, more = drawn(number), drawn(number + 1000)
    first, both = total(before), total([*before, *more])
    dearer = any(quote.cost is None or quote.cost.amount > 0 for quote, _ in more)
    assert both.exceeds(Total.read(first.seen)) == (dearer or first.pending > 0)


@pytest.mark.parametrize(
    "text", ["", ";", "x", "1", "NaN credits", "-5 credits", "1e99 credits", "٣ unknown", "9999999999 unknown", "\0;;;"]
)
def test_nonsense_has_not_been_seen(text):
    assert total([(cost("1", "credits"), 1), (Quote(None), 1)]).exceeds(Total.read(text))


def test_a_fall_is_nothing_to_ask_about():
    assert not total([(cost("5", "credits"), 1)]).exceeds(total([(cost("6", "credits"), 1)]))
    assert total([(cost("5", "credits"), 1)]).exceeds(total([(cost("500", "NOK"), 1)]))
