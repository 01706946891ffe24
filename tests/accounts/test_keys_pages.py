"""The page of keys, with and without htmx."""

import logging
import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ProviderKey
from generations.models.job import State
from tests.accounts.conftest import BAD_SECRET, OTHER_SECRET, SECRET, make_key

ADD = "/keys/add/wayscloud-gpu/"
HTMX = {"HX-Request": "true"}
VERBS = ("rename", "replace", "delete", "test", "default", "enable", "disable")
POST_ONLY = ("test", "default", "enable", "disable")


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def post_key(client: Client, secret: str = SECRET, label: str = "Main", **more):
    return client.post(ADD, {"label": label, "secret": secret}, **more)


@pytest.mark.parametrize("address", ["/keys/", ADD, *(f"/keys/1/{verb}/" for verb in VERBS)])
def test_a_stranger_is_sent_to_sign_in(client, db, address):
    for method in (client.get, client.post):
        assert method(address).url == f"/account/login/?next={address}"


def test_without_keys_it_offers_to_add_one(as_alice):
    page = as_alice.get("/keys/").text
    assert "WAYSCloud GPU Studio" in page
    assert "No key yet." in page
    assert f'href="{ADD}"' in page
    assert "Built-in engine" not in page


def test_the_form_says_where_a_key_comes_from(as_alice):
    page = as_alice.get(ADD).text
    assert "Made in the WAYSCloud console" in page
    field = re.search(r'<input[^>]*name="secret"[^>]*>', page).group()
    assert 'type="password"' in field
    assert 'autocomplete="off"' in field
    assert 'placeholder="wayscloud_gpu_…"' in field
    assert "value=" not in field


@pytest.mark.parametrize("provider", ["local", "nobody"])
def test_no_key_is_added_for_a_provider_that_takes_none(as_alice, provider):
    assert as_alice.get(f"/keys/add/{provider}/").status_code == 404
    assert as_alice.post(f"/keys/add/{provider}/", {"label": "x", "secret": "y"}).status_code == 404


def test_an_accepted_key_is_listed_by_its_hint(as_alice, gpu):
    response = post_key(as_alice)
    assert response.url == "/keys/"
    assert said(response) == ["WAYSCloud GPU Studio accepted the key."]
    page = as_alice.get("/keys/").text
    assert "wayscloud_gpu_…aaTt" in page
    assert "Accepted" in page
    assert "Default" in page


def test_a_refused_key_keeps_the_label_and_not_the_secret(as_alice, gpu):
    page = post_key(as_alice, BAD_SECRET, "My label")
    assert page.status_code == 200
    assert "did not accept the key" in page.text
    assert "The key is not saved." in page.text
    assert 'value="My label"' in page.text
    assert BAD_SECRET not in page.text
    assert not ProviderKey.objects.exists()


def test_a_provider_out_of_reach_is_said(as_alice, gpu_away):
    assert said(post_key(as_alice)) == ["Saved untested. WAYSCloud GPU Studio cannot be reached."]
    assert "Not tested" in as_alice.get("/keys/").text


@pytest.mark.parametrize("secret", ["", "two words", "line\nbreak", "ünïcode", "x" * 501])
def test_what_is_no_key_is_not_sent_anywhere(as_alice, gpu, secret):
    before = gpu.counts()
    page = post_key(as_alice, secret)
    assert 'id="id_secret_error"' in page.text
    assert gpu.counts() == before
    assert not ProviderKey.objects.exists()


def test_blanks_around_a_key_are_forgiven(as_alice, alice, gpu):
    post_key(as_alice, f"  {SECRET}\n")
    assert alice.provider_keys.get().reveal() == SECRET


def test_with_htmx_only_the_providers_part_comes_back(as_alice, gpu):
    form = as_alice.get(ADD, headers=HTMX).text
    assert "<html" not in form
    assert 'hx-post="/keys/add/wayscloud-gpu/"' in form
    part = post_key(as_alice, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'id="provider-wayscloud-gpu"' in part.text
    assert '<hx-partial hx-target="#toasts"' in part.text
    assert "accepted the key" in part.text
    refused = post_key(as_alice, BAD_SECRET, headers=HTMX).text
    assert "The key is not saved." in refused
    assert "<html" not in refused


def test_cancelling_with_htmx_brings_the_part_back(as_alice):
    part = as_alice.get("/keys/?provider=wayscloud-gpu", headers=HTMX).text
    assert 'id="provider-wayscloud-gpu"' in part
    assert "<html" not in part


def test_renaming(as_alice, alice):
    key = make_key(alice)
    assert 'value="Main"' in as_alice.get(f"/keys/{key.pk}/rename/").text
    assert as_alice.post(f"/keys/{key.pk}/rename/", {"label": "Work"}).url == "/keys/"
    assert "Work" in as_alice.get("/keys/").text
    assert 'id="id_label_error"' in as_alice.post(f"/keys/{key.pk}/rename/", {"label": ""}).text


def test_replacing(as_alice, alice, gpu):
    key = make_key(alice)
    assert SECRET not in as_alice.get(f"/keys/{key.pk}/replace/").text
    page = as_alice.post(f"/keys/{key.pk}/replace/", {"secret": BAD_SECRET}).text
    assert "The key is not saved." in page
    assert as_alice.post(f"/keys/{key.pk}/replace/", {"secret": OTHER_SECRET}).url == "/keys/"
    assert alice.provider_keys.get().reveal() == OTHER_SECRET


def test_deleting_asks_first(as_alice, alice):
    key = make_key(alice)
    assert "Delete this key?" in as_alice.get(f"/keys/{key.pk}/delete/").text
    assert ProviderKey.objects.exists()
    assert said(as_alice.post(f"/keys/{key.pk}/delete/")) == ["Main is deleted."]
    assert not ProviderKey.objects.exists()


def test_deleting_warns_of_what_is_not_finished(as_alice, alice):
    key = make_key(alice)
    address = f"/keys/{key.pk}/delete/"
    assert "not finished" not in as_alice.get(address).text
    for state in (State.RUNNING, State.SUCCEEDED):
        ended = timezone.now() if state == State.SUCCEEDED else None
        alice.jobs.create(key=key, kind="image", model="m", model_name="M", state=state, finished_at=ended)
    assert "1 job is not finished." in as_alice.get(address).text


def test_testing_again(as_alice, alice, gpu):
    key = make_key(alice)
    assert said(as_alice.post(f"/keys/{key.pk}/test/")) == ["WAYSCloud GPU Studio accepted the key."]
    ProviderKey.objects.all().delete()
    bad = make_key(alice, secret=BAD_SECRET)
    as_alice.post(f"/keys/{bad.pk}/test/")
    page = as_alice.get("/keys/").text
    assert "Refused" in page
    assert "did not accept the key" in page


def test_switching_off_and_on_and_choosing(as_alice, alice):
    main, other = make_key(alice, is_default=True), make_key(alice, "Other")
    as_alice.post(f"/keys/{main.pk}/disable/")
    assert [(key.label, key.is_enabled, key.is_default) for key in alice.provider_keys.order_by("pk")] == [
        ("Main", False, False),
        ("Other", True, True),
    ]
    as_alice.post(f"/keys/{main.pk}/enable/")
    as_alice.post(f"/keys/{main.pk}/default/")
    other.refresh_from_db()
    assert not other.is_default


def test_last_use_and_last_error_are_shown_with_their_times(as_alice, alice):
    key = make_key(alice)
    assert "Not used yet" in as_alice.get("/keys/").text
    key.note_error("The account has too little credit.")
    ProviderKey.objects.update(last_used_at=key.created_at)
    page = as_alice.get("/keys/").text
    assert "Last used <time" in page
    assert "The account has too little credit." in page


@pytest.mark.parametrize("verb", POST_ONLY)
def test_a_change_takes_a_post(as_alice, alice, verb):
    assert as_alice.get(f"/keys/{make_key(alice).pk}/{verb}/").status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_anothers_key_is_not_there(as_bob, alice, gpu, verb):
    key = make_key(alice, is_default=True)
    before = ProviderKey.objects.values().get()
    if verb not in POST_ONLY:
        assert as_bob.get(f"/keys/{key.pk}/{verb}/").status_code == 404
    assert as_bob.post(f"/keys/{key.pk}/{verb}/", {"label": "mine", "secret": OTHER_SECRET}).status_code == 404
    assert ProviderKey.objects.values().get() == before
    assert key.label not in re.findall(r"<h3.*?</h3>", as_bob.get("/keys/").text, re.DOTALL)


@pytest.mark.parametrize("verb", VERBS)
def test_not_even_the_operator_changes_anothers_key(as_operator, alice, verb):
    assert as_operator.post(f"/keys/{make_key(alice).pk}/{verb}/").status_code == 404


def test_a_change_takes_the_forms_token(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    page = strict.post(f"/keys/{make_key(alice).pk}/delete/")
    assert page.status_code == 403
    assert "The page had grown old" in page.text
    assert ProviderKey.objects.exists()


def test_the_secret_is_in_no_answer_and_no_log(as_alice, as_operator, alice, gpu, caplog, capsys):
    """What the provider says is shown, and a provider may repeat the key in it."""
    caplog.set_level(logging.DEBUG)
    gpu.fault("list", "status", status=401, body={"error": {"message": f"Bad key {BAD_SECRET}"}}, times=2)
    answers = [post_key(as_alice, BAD_SECRET), post_key(as_alice, BAD_SECRET, headers=HTMX)]
    answers += [post_key(as_alice), post_key(as_alice, headers=HTMX)]
    key = alice.provider_keys.first()
    addresses = ["/keys/", ADD, *(f"/keys/{key.pk}/{verb}/" for verb in ("rename", "replace", "delete"))]
    answers += [as_alice.get(address, headers=headers) for address in addresses for headers in ({}, HTMX)]
    answers += [as_alice.post(f"/keys/{key.pk}/{verb}/") for verb in ("test", "default", "disable", "enable")]
    admin = "/admin/accounts/providerkey/"
    answers += [as_operator.get(admin), as_operator.get(f"{admin}{key.pk}/change/")]
    answers += [as_operator.get(f"{admin}{key.pk}/delete/"), as_operator.get(f"{admin}{key.pk}/history/")]
    output = capsys.readouterr()
    seen = [*(answer.text for answer in answers), *(str(answer.headers) for answer in answers)]
    seen += [str(dict(client.session)) for client in (as_alice, as_operator)]
    seen += [caplog.text, output.out, output.err, repr(key), str(key), key.last_error]
    assert "Bad key ***" in answers[0].text
    for text in seen:
        for secret in (SECRET, BAD_SECRET, key.ciphertext):
            assert secret not in text


def test_a_fault_while_a_key_is_saved_does_not_tell_it(alice, monkeypatch, settings, caplog, capsys):
    """Not even on a debug page."""

    def fail(*args, **kwargs):
        raise RuntimeError("something broke")

    settings.DEBUG = True
    monkeypatch.setattr("accounts.keys.connect", fail)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    page = post_key(client)
    assert page.status_code == 500
    assert "something broke" in page.text
    output = capsys.readouterr()
    for text in (page.text, caplog.text, output.out, output.err):
        assert SECRET not in text


def test_the_number_of_queries_does_not_grow_with_the_keys(as_alice, alice):
    make_key(alice)
    as_alice.get("/keys/")
    few = _queries_of(as_alice)
    for number in range(20):
        make_key(alice, f"Key {number}")
    assert _queries_of(as_alice) == few


def _queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get("/keys/")
    return len(queries)
