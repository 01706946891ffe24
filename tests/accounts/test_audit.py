"""The audit log: what is written down, who reads it, how long it is kept."""

import csv
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import audit, tasks
from accounts.models import AuditEntry
from tests.accounts.conftest import SECRET, confirm, make_key, sign_in
from tests.conftest import PASSWORD

NEW = "another long password"


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_signing_in_and_out(client, alice):
    sign_in(client, "Alice@example.com", PASSWORD, REMOTE_ADDR="203.0.113.9")
    client.post("/account/logout/")
    assert actions() == ["signed_in", "signed_out"]
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.actor_name) == (alice, "alice@example.com")
    assert AuditEntry.objects.get(action="signed_in").address == "203.0.113.9"


def test_a_failed_sign_in_names_an_account_and_nothing_else_that_was_typed(client, alice):
    sign_in(client, alice.email, "wrong")
    sign_in(client, "my-password-in-the-wrong-field@example.com", "wrong")
    assert [entry.target for entry in AuditEntry.objects.order_by("pk")] == [alice.email, ""]
    assert all(entry.actor is None for entry in AuditEntry.objects.all())


def test_changing_the_password(as_alice, alice):
    confirm(as_alice, PASSWORD)
    as_alice.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert "password.changed" in actions()
    assert not any(NEW in str(entry.detail) + entry.target for entry in AuditEntry.objects.all())


def test_keys_are_named_and_never_told(as_alice, alice, gpu):
    as_alice.post("/keys/add/wayscloud-gpu/", {"label": "Work", "secret": SECRET})
    key = alice.provider_keys.get()
    as_alice.post(f"/keys/{key.pk}/replace/", {"secret": SECRET})
    as_alice.post(f"/keys/{key.pk}/limits/", {"concurrency": "2"})
    as_alice.post(f"/keys/{key.pk}/disable/")
    as_alice.post(f"/keys/{key.pk}/delete/")
    assert actions() == ["key.added", "key.replaced", "key.limits", "key.disabled", "key.removed"]
    assert AuditEntry.objects.get(action="key.limits").detail == {"concurrency": "2"}
    for entry in AuditEntry.objects.all():
        assert entry.target.startswith("Work (wayscloud_gpu_…")
        assert SECRET not in f"{entry.target} {entry.detail}"


def test_a_key_that_is_refused_was_not_added(as_alice, gpu):
    as_alice.post("/keys/add/wayscloud-gpu/", {"label": "Work", "secret": "wayscloud_gpu_bad_Nn6Rr8Ss2Ee4Ww0"})
    assert actions() == []


def test_providers_and_invitations(as_operator):
    as_operator.post("/providers/wavespeed/withhold/")
    as_operator.post("/providers/wavespeed/offer/")
    as_operator.post("/people/invite/", {"email": "carol@example.com"})
    as_operator.post("/people/invitations/1/revoke/")
    assert actions()[:3] == ["provider.withheld", "provider.offered", "invitation.made"]


def test_the_address_is_the_one_that_the_limits_on_sign_in_see(alice, settings):
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="198.51.100.7")
    request.user = alice
    assert audit.address(request) == "10.0.0.2"  # nobody said that a proxy is to be believed
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert audit.address(request) == "198.51.100.7"
    assert audit.address(None) is None


def write(action, name="alice@example.com", **fields) -> AuditEntry:
    return AuditEntry.objects.create(action=action, actor_name=name, **fields)


@pytest.mark.parametrize("address", ["/operator/audit/", "/operator/audit/file.csv"])
def test_it_is_the_operators(as_alice, address):
    assert as_alice.get(address).status_code == 404
    assert Client().get(address).url == f"/account/login/?next={address}"


def test_it_is_filtered_and_goes_back_by_key(as_operator):
    old = timezone.now() - timedelta(days=10)
    write("key.added", target="Key one")
    write("key.removed", "bob@example.com", target="Key two")
    write("keyhole", target="No key")
    write("signed_in", at=old, target="Long ago")
    page = as_operator.get("/operator/audit/", {"action": "key"}).text
    assert "Key one" in page
    assert "Key two" in page
    assert "No key" not in page
    page = as_operator.get("/operator/audit/", {"action": "key", "person": "BOB@example.com"}).text
    assert "Key one" not in page
    assert "Key two" in page
    page = as_operator.get("/operator/audit/", {"until": f"{old:%Y-%m-%d}"}).text
    assert "Long ago" in page
    assert "Key one" not in page
    assert "Long ago" not in as_operator.get("/operator/audit/", {"since": f"{timezone.now():%Y-%m-%d}"}).text
    assert "Long ago" in as_operator.get("/operator/audit/", {"since": "2026-99-99", "before": "x"}).text
    AuditEntry.objects.bulk_create(AuditEntry(action="signed_in", target=f"Entry {n}") for n in range(audit.PAGE))
    page = as_operator.get("/operator/audit/").text
    assert "Key one" not in page
    older = page.partition("before=")[2].partition('"')[0]
    assert "Key one" in as_operator.get("/operator/audit/", {"before": older}).text


def test_what_was_done_is_said_in_words(as_operator):
    write("team_key.granted")
    page = as_operator.get("/operator/audit/").text
    assert '<span class="audit-action">Team key granted</span>' in page
    assert '<option value="team_key.granted">Team key granted</option>' in page


def test_as_a_file_it_runs_nothing_in_a_spreadsheet(as_operator):
    write("key.added", target='=HYPERLINK("https://evil.example")')
    write("signed_in", target="not asked for")
    answer = as_operator.get("/operator/audit/file.csv", {"action": "key"})
    text = b"".join(answer.streaming_content).decode()
    [head, line] = csv.reader(text.splitlines())
    assert head[:4] == ["at", "actor_name", "address", "action"]
    assert line[4] == '\'=HYPERLINK("https://evil.example")'


def test_one_sees_ones_own_sign_ins_and_what_was_tried_with_ones_address(as_alice, alice, bob):
    write("signed_in", actor=alice, address="203.0.113.9")
    write("sign_in.failed", "", target=alice.email, address="203.0.113.66")
    write("signed_in", actor=bob, address="203.0.113.99")
    page = as_alice.get("/account/sessions/").text
    assert "203.0.113.9<" in page
    assert "203.0.113.66<" in page
    assert "203.0.113.99<" not in page


def test_it_is_kept_as_long_as_the_operator_says(db, settings):
    settings.AUDIT_DAYS = 30
    write("signed_in", at=timezone.now() - timedelta(days=31))
    kept = write("signed_in", at=timezone.now() - timedelta(days=29))
    tasks.purge()
    assert list(AuditEntry.objects.all()) == [kept]


def test_who_is_gone_is_still_named(alice):
    make_key(alice)
    entry = write("key.added", actor=alice)
    alice.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name) == (None, "alice@example.com")
