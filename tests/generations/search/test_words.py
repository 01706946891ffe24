"""The full-text index, asked for what is rare."""

import pytest
from django.db import connection

from accounts.models import Team
from generations.search import words
from generations.search.filters import Scope
from generations.search.words import Words
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("small", [0, 10, 2000])
def test_what_many_have_is_known_without_reading_them(alice, monkeypatch, small, django_assert_num_queries):
    monkeypatch.setattr(words, "FEW", 5)
    monkeypatch.setattr(words, "SMALL", small)
    for number in range(40):
        make_job(alice, prompt=f"A lake, number{number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE generations_jobsearch" if connection.vendor == "postgresql" else "SELECT 1")
    with django_assert_num_queries(1):
        assert Words.read("lake", Scope(alice)).few() is None
    assert len(Words.read("number7", Scope(alice)).few()) == 1
    assert Words.read("number1", Scope(alice)).few() is None, "eleven begin so"


@pytest.mark.parametrize("small", [0, 2, 2000])
def test_the_jobs_of_who_has_few_are_asked_one_by_one(alice, bob, monkeypatch, small):
    """With the same answer; also where they are more than PostgreSQL thought."""
    monkeypatch.setattr(words, "SMALL", small)
    monkeypatch.setattr(Words, "_estimate", lambda self, parts: 1)
    team = Team.objects.create(name="Lakes")
    make_job(bob, prompt="A lake at dawn", team=team)
    made = {
        "misty": make_job(alice, prompt="A misty lake", team=team),
        "noted": make_job(alice, prompt="A fox", note="By the lakes", team=team),
        "dawn": make_job(alice, prompt="Lakeside at dawn", team=team),
        "sea": make_job(alice, prompt="The sea", team=team),
    }

    def found(text, scope):
        names = {job.pk.hex: name for name, job in made.items()}
        return {names.get(one, "bob's") for one in Words.read(text, scope).few()}

    assert found("lake", Scope(alice)) == {"misty", "noted", "dawn"}
    assert found("lake -dawn", Scope(alice)) == {"misty", "noted"}
    assert found("lake", Scope(alice, team)) == {"misty", "dawn", "bob's"}
    assert found("whale", Scope(alice)) == set()
