"""The query string of the catalogue and the picker → models. Prices are never converted, nor compared across units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from itertools import groupby
from operator import itemgetter
from urllib.parse import urlencode

from django.http import QueryDict

from generations.catalogue.shelf import Entry, Shelf
from studio.providers.dialect import Dialect

KINDS = ("image", "video", "audio")
ONLY = ("available", "favourites")
SORTS = ("name", "price")
PAGE = 30  # a screen shows ten; the rest comes as one scrolls
FREE, UNKNOWN = "Free", "Price unknown"


@dataclass(frozen=True, slots=True)
class Section:
    """Models under one heading; `goes_on` where the page above ended within it. `top` is its highest price."""

    heading: str
    entries: Sequence[Entry]
    goes_on: bool = False
    top: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what a search found; `total` is of all pages."""

    sections: Sequence[Section]
    total: int
    following: str  # the next page's query string, or ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to filter by, among all that a person sees."""

    providers: Sequence[Dialect]
    kinds: Sequence[str]
    tasks: Sequence[str]
    makers: Sequence[str]
    units: Sequence[str]


@dataclass(frozen=True, slots=True)
class Search:
    """`unit` is "NOK/image"; `least` and `most` are prices in it. `start` is how many stand on the pages above.

    `through` is a source's id: its models, to be taken through its key.
    """

    q: str = ""
    provider: str = ""
    through: str = ""
    kind: str = ""
    task: str = ""
    maker: str = ""
    unit: str = ""
    least: str = ""
    most: str = ""
    only: str = ""
    sort: str = ""
    start: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Search:
        """Words that the catalogue does not know are left out rather than refused: links live long."""
        given = {field.name: query.get(field.name, "").replace("\0", "").strip()[:200] for field in fields(cls)}
        known = {"kind": KINDS, "only": ONLY, "sort": SORTS}
        odd = {name: "" for name, words in known.items() if given[name] not in words}
        odd |= {name: "" for name in ("least", "most") if _amount(given[name]) is None}
        start = given["start"] if given["start"].isdecimal() else ""
        return cls(**{**given, **odd, "start": start[:9]})

    @property
    def is_narrowed(self) -> bool:
        return replace(self, sort="", start="") != Search()

    @property
    def is_filtered(self) -> bool:
        """By what stands behind "Filters"."""
        return replace(self, q="", kind="", start="") != Search()

    def query(self, **changes: str) -> str:
        """This search as a query string, with some parts changed; from the top unless `start` is given."""
        other = replace(self, **{"start": "", **changes})
        named = {field.name: getattr(other, field.name) for field in fields(other)}
        return "?" + urlencode({name: value for name, value in named.items() if value})

    def page(self, shelf: Shelf) -> Found:
        taken = [entry for entry in shelf.entries if self._takes(entry)]
        if self.through:
            taken = [entry.through(self.through) for entry in taken]
        ordered = list(self._ordered(shelf, taken))
        start = int(self.start or 0)
        end = start + PAGE
        above = ordered[start - 1][0] if 0 < start <= len(ordered) else None
        tops = _tops(ordered) if self.sort == "price" else {}
        sections = [
            Section(heading, [entry for _, entry in some], heading == above, tops.get(heading))
            for heading, some in groupby(ordered[start:end], itemgetter(0))
        ]
        return Found(sections, len(ordered), self.query(start=str(end)) if end < len(ordered) else "")

    def _takes(self, entry: Entry) -> bool:
        model = entry.model
        return (
            (not self.provider or entry.provider.name == self.provider)
            and (not self.through or any(source.id == self.through for source in entry.sources))
            and (not self.kind or model.kind == self.kind)
            and (not self.task or model.task == self.task)
            and (not self.maker or model.maker == self.maker)
            and (self.only != "available" or entry.is_usable)
            and (self.only != "favourites" or entry.is_favourite)
            and (not self.unit or (entry.price_unit == self.unit and self._is_in_range(entry)))
            and all(word in entry.words for word in self.q.casefold().split())
        )

    def _is_in_range(self, entry: Entry) -> bool:
        least, most = _amount(self.least), _amount(self.most)
        amount = entry.price.cost.amount if entry.price else Decimal(0)
        return (least is None or amount >= least) and (most is None or amount <= most)

    def _ordered(self, shelf: Shelf, entries: list[Entry]) -> Iterator[tuple[str, Entry]]:
        if self.sort == "price":
            yield from _by_price(entries)
        elif self.sort == "name":
            yield from (("", entry) for entry in sorted(entries, key=lambda entry: entry.model.name.casefold()))
        else:
            yield from shelf.usual(self._best_first(entries))

    def _best_first(self, entries: list[Entry]) -> list[Entry]:
        """Those of each provider that have the words in their names stand before those that only speak of them."""
        words = self.q.casefold().split()
        if not words:
            return entries
        places = {name: place for place, name in enumerate(dict.fromkeys(entry.provider.name for entry in entries))}

        def rank(entry: Entry) -> tuple[int, bool]:
            name = f"{entry.model.name} {entry.model.id}".casefold()
            return places[entry.provider.name], not all(word in name for word in words)

        return sorted(entries, key=rank)


def facets(shelf: Shelf) -> Facets:
    models = [entry.model for entry in shelf.entries]
    units = Counter(entry.price_unit for entry in shelf.entries if entry.price)
    return Facets(
        providers=list({source.provider.name: source.provider for source in shelf.sources}.values()),
        kinds=[kind for kind in KINDS if any(model.kind == kind for model in models)],
        tasks=sorted({model.task for model in models if model.task}),
        makers=sorted({model.maker for model in models if model.maker}, key=str.casefold),
        units=[unit for unit, _ in units.most_common()],
    )


def _by_price(entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    """Free ones, then unit by unit, the one with the most models first, and at last those without a price."""
    groups: dict[str, list[Entry]] = {FREE: [], UNKNOWN: []}
    for entry in entries:
        heading = FREE if entry.is_free else entry.price_unit.replace("/", " per ") or UNKNOWN
        groups.setdefault(heading, []).append(entry)
    for heading in sorted(groups, key=lambda name: (name != FREE, name == UNKNOWN, -len(groups[name]), name)):
        dearer = sorted(groups[heading], key=lambda entry: entry.price.cost.amount if entry.price else Decimal(0))
        yield from ((heading, entry) for entry in dearer)


def _tops(ordered: Iterable[tuple[str, Entry]]) -> dict[str, Decimal]:
    """The highest price under each heading: they are in order."""
    return {heading: entry.price.cost.amount for heading, entry in ordered if entry.price}


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
