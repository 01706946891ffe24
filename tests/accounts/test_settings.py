"""A person's name and theme."""

import pytest


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_the_theme_is_kept_and_shown_at_once(as_alice, alice, theme):
    page = as_alice.post("/settings/", {"name": "Alice", "theme": theme}, follow=True)
    assert f'data-theme="{theme}"' in page.text
    alice.refresh_from_db()
    assert alice.theme == theme


def test_the_name_is_kept(as_alice, alice):
    as_alice.post("/settings/", {"name": "Alice Liddell", "theme": "system"})
    alice.refresh_from_db()
    assert alice.display_name == "Alice Liddell"


def test_without_a_name_the_address_gives_one(as_alice, alice):
    as_alice.post("/settings/", {"name": "", "theme": "system"})
    alice.refresh_from_db()
    assert alice.display_name == "alice"


def test_a_theme_that_is_none_is_refused_and_changes_nothing(as_alice, alice):
    page = as_alice.post("/settings/", {"name": "Mallory", "theme": "loud"})
    assert "not one of the available choices" in page.text
    assert 'data-theme="system"' in page.text
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_nothing_else_can_be_set(as_alice, alice):
    as_alice.post(
        "/settings/", {"name": "A", "theme": "dark", "is_superuser": "on", "is_staff": "on", "email": "x@y.z"}
    )
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_staff, alice.email) == (False, False, "alice@example.com")


def test_it_links_to_everything_that_is_ones_own(as_alice):
    page = as_alice.get("/settings/").text
    for address in ("/account/password/change/", "/account/2fa/", "/account/sessions/", "/account/email/"):
        assert f'href="{address}"' in page
    assert "/admin/" not in page


def test_a_stranger_is_sent_to_sign_in(client, db):
    assert client.get("/settings/").url == "/account/login/?next=/settings/"


def test_other_methods_are_refused(as_alice):
    assert as_alice.put("/settings/").status_code == 405
