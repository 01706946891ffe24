"""The pages for when something is wrong."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.template.loader import get_template
from django.test import Client

from accounts.views import settings as settings_views


@pytest.fixture
def broken(monkeypatch):
    """Makes the settings page raise what one likes."""

    def breaks(error: Exception) -> None:
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr(settings_views, "SettingsForm", fail)

    return breaks


def test_404_is_the_same_for_what_is_missing_and_what_is_not_yours(as_alice, as_bob, alice):
    stranger = Client()
    for visitor in (stranger, as_alice):
        page = visitor.get("/nowhere/")
        assert page.status_code == 404
        assert "There is nothing here" in page.text
        assert 'href="/create/"' in page.text or 'href="/"' in page.text
        assert ("entrance-brand" in page.text) == (visitor is stranger)  # without a menu, whose page it is


def test_403(as_alice):
    page = as_alice.get("/admin/login/")
    assert page.status_code == 403
    assert "This is not yours to do" in page.text


def test_400_stands_alone(as_alice, broken):
    broken(SuspiciousOperation("what?"))
    page = as_alice.get("/settings/")
    assert page.status_code == 400
    assert "cannot be read" in page.text
    assert "STUDIO_PUBLIC_URL" in Client().get("/", headers={"host": "evil.example"}).text


def test_500_stands_alone_and_tells_nothing_of_the_insides(alice, broken):
    broken(RuntimeError("the inside"))
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    page = client.get("/settings/")
    assert page.status_code == 500
    assert "Studio has made a mistake" in page.text
    assert "the inside" not in page.text


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_some_pages_need_neither_context_nor_database_nor_manifest(name, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    text = get_template(name).render()
    assert "<h1>" in text
    assert "/static/css/studio.css" in text


def test_an_old_form_says_what_to_do():
    page = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x"})
    assert page.status_code == 403
    assert "load the page anew" in page.text
    assert "allow cookies" in page.text


def test_a_page_that_is_missing_costs_a_stranger_no_query(client, db):
    with connection.execute_wrapper(_no_query):
        assert client.get("/nowhere/").status_code == 404


def _no_query(*args):
    raise AssertionError("a query")


def test_what_only_a_form_is_sent_to_has_a_page_that_says_so(client, as_alice):
    for visitor in (client, as_alice):
        page = visitor.get("/notices/read/", follow=True)
        assert page.status_code == (405 if visitor is as_alice else 200), "strangers sign in first"
    assert "There is no page at this address" in page.text
    assert page["Allow"] == "POST"
    assert as_alice.get("/notices/read/", headers={"accept": "application/json"}).content == b""


@pytest.mark.parametrize("came_from", ["/settings/notices/?a=1", "https://evil.example/trap/", ""])
def test_a_form_of_a_session_that_has_ended_leads_back_to_its_page(client, db, came_from):
    """Its own address has none: after signing in one would stand before a refusal, as where the page is not known."""
    own = came_from.startswith("/")
    referer = {"referer": f"http://testserver{came_from}" if own else came_from} if came_from else {}
    answer = client.post("/notices/read/", headers=referer)
    assert answer["Location"] == f"/account/login/?next={'/settings/notices/%3Fa%3D1' if own else '/notices/read/'}"
