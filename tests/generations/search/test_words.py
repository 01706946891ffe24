"""The full-text index, asked for what is rare."""

import pytest
from django.db import connection

from generations.search import words
from generations.search.filters import Scope
from generations.search.words import Words
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


def test_what_many_have_is_known_without_reading_them(alice, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(words, "FEW", 5)
    for number in range(40):
        make_job(alice, prompt=f"A lake, number{number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE generations_jobsearch" if connection.vendor == "postgresql" else "SELECT 1")
    with django_assert_num_queries(1):
        assert Words.read("lake", Scope(alice)).few() is None
    assert len(Words.read("number7", Scope(alice)).few()) == 1
    assert Words.read("number1", Scope(alice)).few() is None, "eleven begin so"
