"""The cast and the ground of every test: alice and bob, signed in or not, and an empty cache."""

from collections.abc import Sequence

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery"
_ASKING = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})


def _emptied(self: DatabaseOperations, style: object, tables: Sequence[str], **_: object) -> list[str]:
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


# After a test that commits. TRUNCATE makes the file of every table and index anew, which takes longer than the test;
# that a row goes before those that refer to it is noticed at the end of the transaction, where all are gone.
DatabaseOperations.sql_flush = _emptied


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, what asks no database is left out: it has been run on SQLite, and would be the same."""
    if connection.vendor != "postgresql":
        return
    asks = {item: bool(item.get_closest_marker("django_db") or _ASKING & set(item.fixturenames)) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not asks[item]])
    items[:] = [item for item in items if asks[item]]


@pytest.fixture(autouse=True)
def _clean_cache():
    """Rate limits are counted in the cache."""
    cache.clear()


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice@example.com", PASSWORD, name="Alice")


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob@example.com", PASSWORD, name="Bob")


@pytest.fixture
def operator(db) -> User:
    return User.objects.create_superuser("olga@example.com", PASSWORD, name="Olga")


@pytest.fixture
def as_alice(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def as_operator(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client
