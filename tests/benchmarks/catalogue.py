"""The catalogue and the model form with 1,000 models against 10, in one run: server time of each page and fragment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.figures import percentile, table
from tests.benchmarks.site import empty_studio

SIZES = (10, 1_000)
ROUNDS = 80
KEYS = 3  # of the same provider: each reaches every model


def main() -> None:
    with empty_studio():
        measure()


def measure() -> None:
    people = {size: prepare(size) for size in SIZES}
    rows = []
    for name, address, htmx in pages():
        seconds = timed(people, address, htmx=htmx)
        middle, slow = ({size: percentile(seconds[size], share) for size in SIZES} for share in (0.5, 0.95))
        few, many = SIZES
        said = ", ".join(f"{size:,}: {middle[size] * 1000:.1f} / {slow[size] * 1000:.1f} ms" for size in SIZES)
        rows.append((name, f"{said}, ratio {middle[many] / middle[few]:.2f} / {slow[many] / slow[few]:.2f}"))
    rows.append(("read anew after a renewal", f"{reading(people[SIZES[-1]][1]) * 1000:.0f} ms, once a process"))
    table("Catalogue: server time p50 / p95, 1,000 models against 10", rows)


def pages() -> list[tuple[str, str, bool]]:
    """Their names, addresses ("{model}" is an offer's id) and whether htmx asks."""
    return [
        ("catalogue, the page", "/models/", False),
        ("catalogue, a search", "/models/?q=nano-banana-pro/edit", True),
        ("catalogue, by price", "/models/?sort=price", True),
        ("picker, as it opens", "/models/pick/", True),
        ("picker, a search", "/models/pick/?q=nano-banana-pro/edit", True),
        ("Create with a chosen model", "/create/?model={model}", False),
        ("the model's fields", "/create/?model={model}", True),
    ]


def prepare(size: int) -> tuple[Any, Any]:
    """A person with `KEYS` keys for that many models; returns the person and the middle one's offer."""
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import ProviderKey, User  # noqa: PLC0415
    from generations.catalogue import listings, renewal  # noqa: PLC0415
    from generations.models import Catalogue  # noqa: PLC0415

    owner = User.objects.create_user(f"bench{size}@example.com")
    Catalogue.objects.get_or_create(provider="local", key=None, defaults=told(renewal, LOCAL, timezone.now()))
    Catalogue.objects.get_or_create(
        provider="wayscloud-gpu", key=None, defaults=told(renewal, {"engines": []}, timezone.now())
    )
    for number in range(KEYS):
        key = ProviderKey.objects.create(owner=owner, provider="wavespeed", label=f"Key {number}")
        key.conceal("x" * 40)
        key.save()
        Catalogue.objects.create(provider="wavespeed", key=key, **told(renewal, models(size), timezone.now()))
    source = next(source for source in listings.sources(owner) if source.key)
    return owner, source.offers[len(source.offers) // 2]


LOCAL = {"engines": [{"engine": "studio-image", "name": "Studio Image", "type": "image"}]}


def told(renewal: Any, answers: dict[str, Any], now: Any) -> dict[str, Any]:
    return {"payload": renewal.keep(answers), "fetched_at": now}


def models(size: int) -> dict[str, Any]:
    """As the provider would answer."""
    from tests.fake_provider.wavespeed_models import catalogue  # noqa: PLC0415

    return {"models": {"code": 200, "message": "success", "data": catalogue(size)[:size]}}


def timed(people: dict[int, tuple[Any, Any]], address: str, *, htmx: bool) -> dict[int, list[float]]:
    """Seconds that a page took each of them, turn by turn, so that what else the machine does falls on all alike."""
    visits = {size: visit(*people[size], address, htmx=htmx) for size in people}
    seconds: dict[int, list[float]] = {size: [] for size in people}
    for _ in range(ROUNDS):
        for size, see in visits.items():
            began = time.perf_counter()
            see()
            seconds[size].append(time.perf_counter() - began)
    return seconds


def visit(owner: Any, offer: Any, address: str, *, htmx: bool) -> Callable[[], None]:
    from django.test import Client  # noqa: PLC0415

    client = Client(SERVER_NAME="127.0.0.1", headers={"HX-Request": "true"} if htmx else {})
    client.force_login(owner)
    path = address.format(model=offer.id)

    def see() -> None:
        assert client.get(path).status_code == 200

    see()
    return see


def reading(offer: Any) -> float:
    """Seconds to make models of a stored catalogue."""
    from generations.catalogue import listings  # noqa: PLC0415

    listings._listing.cache_clear()
    source = next(source for source in listings.sources(offer.key.owner) if source.key == offer.key)
    began = time.perf_counter()
    assert source.models
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
