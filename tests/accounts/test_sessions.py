"""Where one is signed in."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.templatetags.accounts import device, is_handheld
from tests.accounts.conftest import sign_in
from tests.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def devices(alice) -> tuple[Client, Client]:
    """Alice at her desk, and on her phone."""
    both = Client(headers={"user-agent": FIREFOX}), Client(headers={"user-agent": IPHONE})
    for one in both:
        sign_in(one, alice.email, PASSWORD)
    return both


def test_each_device_is_named(devices):
    page = devices[0].get("/account/sessions/").text
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This device") == 1


def test_one_device_is_signed_out_from_another(devices):
    desk, phone = devices
    page = desk.get("/account/sessions/").text
    (address,) = re.findall(r"/account/sessions/\d+/end/", page)
    assert desk.get(address).status_code == 405
    assert desk.post(address).url == "/account/sessions/"
    assert phone.get("/settings/").status_code == 302
    assert desk.get("/settings/").status_code == 200


def test_all_others_are_signed_out_at_once(devices):
    desk, phone = devices
    assert "Sign out everywhere else" in desk.get("/account/sessions/").text
    desk.post("/account/sessions/")
    assert phone.get("/settings/").status_code == 302
    page = desk.get("/account/sessions/").text
    assert "Sign out everywhere else" not in page
    assert UserSession.objects.count() == 1


def test_anothers_session_is_not_there(devices, as_bob):
    for session in UserSession.objects.all():
        assert as_bob.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert devices[1].get("/settings/").status_code == 200


def test_a_stranger_ends_nothing(client, db):
    assert client.post("/account/sessions/1/end/").url.startswith("/account/login/")


@pytest.mark.parametrize(
    ("user_agent", "shown", "handheld"),
    [
        (FIREFOX, "Firefox on Linux", False),
        (IPHONE, "Safari on iPhone", True),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
            True,
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit Version/18.0 Safari/605", "Safari on macOS", False),
        ("curl/8.0", "Unknown browser", False),
        ("", "Unknown browser", False),
    ],
)
def test_browsers_are_recognised(user_agent, shown, handheld):
    assert device(user_agent) == shown
    assert is_handheld(user_agent) is handheld
