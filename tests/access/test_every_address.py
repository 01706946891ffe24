"""Every address of the site × everybody who may come: what they get stands in a table, and nothing is left out of it.

A letter for each of `ROLES`:

    y  let in: a page, an answer, or a form's complaint
    i  sent to sign in
    n  404: for them it is not there
    f  403: they know of it, and may not
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.cast import ROLES, Cast, make_cast
from tests.access.table import FOR_LINKS, TABLE, Row

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
    assert sorted(ADDRESSES) == sorted({row.name for row in TABLE} | FOR_LINKS)


@pytest.fixture
def cast(settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return make_cast()


def fill(row: Row, cast: Cast) -> str:
    names = {name: row.arguments.get(name, name) for name in ADDRESSES[row.name].parameters}
    return reverse(row.name, kwargs={name: cast.arguments[known] for name, known in names.items()})


def letter(answer: HttpResponseBase) -> str:
    if answer.status_code == 302 and re.match(r"/account/login/|/admin/login/", answer["Location"]):
        return "i"
    assert answer.status_code not in (405, 500), answer.status_code
    return {404: "n", 403: "f"}.get(answer.status_code, "y")


def ask(client: Client, row: Row, cast: Cast) -> str:
    """What they get; whatever it did is undone."""
    with transaction.atomic():
        answer = getattr(client, row.method.lower())(fill(row, cast), row.data)
        transaction.set_rollback(True)
    return letter(answer)


def gets_in(row: Row, cast: Cast) -> str:
    return "".join(ask(cast.client(role), row, cast) for role in ROLES)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.name}")
def test_what_is_its_owners_alone(row: Row, cast: Cast):
    assert gets_in(row, cast) == row.expected


@pytest.mark.parametrize("row", [row for row in TABLE if ADDRESSES[row.name].parameters], ids=lambda row: row.name)
def test_what_the_team_shares(row: Row, cast: Cast):
    cast.share()
    assert gets_in(row, cast) == row.shared
