"""What is true of every page of people's own: found by its headings, its labels, and without inline code."""

import re
from html.parser import HTMLParser

import pytest

from accounts import invitations
from accounts.models import ProviderKey
from tests.accounts.conftest import confirm, make_key
from tests.accounts.test_second_step import set_up_app
from tests.conftest import PASSWORD

STRANGERS = [
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/done/",
    "/account/inactive/",
    "/account/confirm-email/",
    "/account/confirm-email/wrong/",
    "/account/password/reset/key/1-wrong/",
    "/invitations/wrong/",
    "/nowhere/",
]
ONES_OWN = [
    "/settings/",
    "/keys/",
    "/keys/add/wayscloud-gpu/",
    "/account/password/change/",
    "/account/email/",
    "/account/sessions/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
]
PROTECTED = [
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
]


class Page(HTMLParser):
    """The elements of a page, as (name, attributes)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._script: dict[str, str | None] | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._script = attributes if tag in {"script", "style"} else None

    def handle_data(self, data):
        if self._script is not None and data.strip() and self._script.get("type") != "application/json":
            self.inline.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def check(response) -> None:
    page = Page(response.text)
    assert len(page.all("h1")) == 1
    (title,) = re.findall(r"<title>(.*?)</title>", response.text, re.DOTALL)
    assert title.strip().endswith("Studio")
    assert len(title) > len("Studio")
    assert not page.inline
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    labelled = {attributes.get("for") for attributes in page.all("label")}
    for name, attributes in page.elements:
        assert "style" not in attributes
        assert not [attribute for attribute in attributes if attribute.startswith("on")]
        if name in {"input", "select", "textarea"} and attributes.get("type") not in {"hidden", "radio"}:
            assert attributes.get("id") in labelled, attributes
        for target in (attributes.get("aria-describedby") or "").split():
            assert target in ids, f"{target} describes {attributes}, and is not there"
        if name == "button":
            assert attributes.get("type"), attributes
        if name == "form" and attributes.get("method") == "post":
            assert "csrfmiddlewaretoken" in response.text


@pytest.mark.parametrize("address", STRANGERS)
def test_a_strangers_page(client, db, address):
    check(client.get(address, follow=True))


@pytest.mark.parametrize("address", ONES_OWN)
def test_ones_own_page(as_alice, alice, gpu, address):
    confirm(as_alice, PASSWORD)
    make_key(alice, is_default=True)
    make_key(alice, "Other", is_enabled=False, status=ProviderKey.Status.REFUSED, last_error="No.").note_error("No.")
    response = as_alice.get(address)
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("verb", ["rename", "replace", "delete"])
def test_a_key_that_is_open(as_alice, alice, verb):
    check(as_alice.get(f"/keys/{make_key(alice).pk}/{verb}/"))


@pytest.mark.parametrize("address", PROTECTED)
def test_a_protected_accounts_page(as_alice, address):
    set_up_app(as_alice)
    response = as_alice.get(address)
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_operators_page(as_operator, operator, method):
    invitations.invite("carol@example.com", by=operator)
    address = {"get": "/people/", "post": "/people/invite/"}[method]
    check(getattr(as_operator, method)(address, {"email": "dora@example.com"} if method == "post" else {}))


@pytest.mark.parametrize(
    ("address", "field", "autocomplete"),
    [
        ("/account/login/", "login", "email"),
        ("/account/login/", "password", "current-password"),
        ("/account/signup/", "email", "email"),
        ("/account/signup/", "password1", "new-password"),
        ("/account/password/reset/", "email", "email"),
    ],
)
def test_password_managers_know_the_fields(client, db, address, field, autocomplete):
    (found,) = [one for one in Page(client.get(address).text).all("input") if one.get("name") == field]
    assert found["autocomplete"] == autocomplete


def test_the_first_field_has_the_focus(client, db):
    inputs = [one for one in Page(client.get("/account/login/").text).all("input") if "autofocus" in one]
    assert [one["name"] for one in inputs] == ["login"]


def test_the_first_refused_field_has_the_focus(client, db):
    page = client.post("/account/signup/", {"email": "carol@example.com", "password1": "short"})
    assert [one["name"] for one in Page(page.text).all("input") if "autofocus" in one] == ["password1"]


def test_no_page_lets_a_script_or_style_in_from_elsewhere(client, db):
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/settings/", "/settings/notices/", "/account/email/", "/account/2fa/"])
def test_the_menu_says_that_one_is_in_the_settings(as_alice, address):
    confirm(as_alice, PASSWORD)
    assert re.search(r'<a class="rail-item [^>]*href="/settings/" aria-current="page"', as_alice.get(address).text)


@pytest.mark.parametrize("address", ["/operator/", "/people/", "/operator/audit/", "/providers/"])
def test_the_menu_says_that_one_is_with_the_operators_pages(as_operator, settings, tmp_path, address):
    settings.MEDIA_ROOT = tmp_path
    assert re.search(r'<a class="rail-item [^>]*href="/operator/" aria-current="page"', as_operator.get(address).text)
