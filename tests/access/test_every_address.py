"""Every address of the site × everybody who may come: what they get stands in a table, and nothing is left out of it.

A letter for each of `ROLES`:

    y  let in: a page, an answer, or a form's complaint
    i  sent to sign in
    n  404: for them it is not there
    f  403: they know of it, and may not
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.cast import ROLES, Cast, make_cast
from tests.access.table import FOR_LINKS, NAMELESS, TABLE, Row
from tests.generations.pages.conftest import LOCAL, LOCAL_PAYLOADS, remember

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Address:
    name: str
    parameters: tuple[str, ...]


def addresses(resolver: URLResolver | None = None, prefix: str = "", before: tuple[str, ...] = ()) -> Iterator[Address]:
    """All of the site's, by their names. The admin's are Django's own, and have one rule: see below."""
    resolver = resolver or get_resolver()
    for pattern in resolver.url_patterns:
        names = before + tuple(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            yield Address(prefix + (pattern.name or f"?{pattern.pattern}"), names)
        elif pattern.namespace != "admin":
            yield from addresses(pattern, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""), names)


ADDRESSES = {address.name: address for address in addresses()}


def test_every_address_has_its_row():
    assert sorted(ADDRESSES) == sorted({row.name for row in TABLE} | FOR_LINKS | NAMELESS)


@pytest.fixture
def cast(settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "wavespeed": "http://127.0.0.1:9"}  # where nobody answers
    remember(LOCAL, LOCAL_PAYLOADS)
    return make_cast()


def fill(row: Row, cast: Cast) -> str:
    names = {name: row.arguments.get(name, name) for name in ADDRESSES[row.name].parameters}
    return reverse(row.name, kwargs={name: cast.arguments[known] for name, known in names.items()})


def letter(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and re.match(r"/account/login/|/admin/login/", answer["Location"]):
        return "i"
    return {404: "n", 403: "f", 405: "?"}.get(answer.status_code, "y")


def ask(client: Client, row: Row, cast: Cast) -> str:
    """What they get; whatever it did is undone."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = getattr(client, row.method.lower())(fill(row, cast), row.data)
        transaction.set_rollback(True)
    client.cookies = cookies
    return letter(answer)


def let_in(rows: Iterable[Row], cast: Cast) -> dict[str, str]:
    """The letters of each address."""
    clients = [cast.client(role) for role in ROLES]
    return {row.name: "".join(ask(client, row, cast) for client in clients) for row in rows}


def test_what_is_its_owners_alone(cast: Cast):
    assert let_in(TABLE, cast) == {row.name: row.expected for row in TABLE}


def test_what_the_team_shares(cast: Cast):
    cast.share()
    rows = [row for row in TABLE if ADDRESSES[row.name].parameters]
    assert let_in(rows, cast) == {row.name: row.shared for row in rows}
