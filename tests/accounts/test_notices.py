"""Telling people, by the ways that they have chosen, and what they read in the app."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from accounts import tasks
from accounts.models import Notice, NoticeChoice, OutgoingWebhook, WebhookDelivery
from accounts.notices import EVENTS, choices, inbox, tell


def notice(user, text="Done: “a red fox”", **fields) -> Notice:
    return Notice.objects.create(user=user, event="job_done", text=text, url="/gallery/", **fields)


def queued() -> list[str]:
    return [task.func() for task in OrmQ.objects.all()]


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Tells, and enqueues what follows."""

    def say(*args, **kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            tell(*args, **kwargs)

    return say


def test_every_event_is_told_as_its_defaults_say(alice, told):
    for name, event in EVENTS.items():
        OrmQ.objects.all().delete()
        told(alice, name, "Something happened", "/gallery/")
        made = Notice.objects.latest("pk")
        assert (made.in_app, made.wants_mail) == (event.in_app, event.by_mail)
        assert queued() == (["accounts.tasks.push_notice"] if event.by_push else [])


def test_a_choice_counts_more_than_a_default(alice, told):
    NoticeChoice.objects.create(user=alice, event="comment", in_app=False, by_mail=True)
    told(alice, "comment", "Bob says yes")
    assert not inbox.of(alice).exists()
    assert Notice.objects.get().wants_mail


def test_who_wants_to_hear_nothing_is_told_nothing(alice, told):
    NoticeChoice.objects.create(user=alice, event="comment", in_app=False)
    told(alice, "comment", "Bob says yes")
    assert not Notice.objects.exists()
    assert queued() == []


def test_webhooks_that_are_on_get_a_message_each(alice, bob, told):
    for user, enabled in ((alice, True), (alice, False), (bob, True)):
        webhook = OutgoingWebhook(user=user, url="https://example.com/", is_enabled=enabled)
        webhook.conceal("whsec_c2VjcmV0")
        webhook.save()
    NoticeChoice.objects.create(user=alice, event="comment", by_webhook=True)
    told(alice, "comment", "Bob says yes")
    assert [delivery.webhook.user for delivery in WebhookDelivery.objects.all()] == [alice]
    assert queued() == ["accounts.tasks.deliver"]


def test_nobody_is_told_of_what_they_did_or_when_they_are_switched_off(alice, bob, told):
    told(alice, "comment", "I said so", by=alice)
    bob.is_active = False
    told(bob, "comment", "You were told", by=alice)
    assert not Notice.objects.exists()


def test_of_one_thing_one_is_told_once(alice, bob, told):
    for _ in range(2):
        told(alice, "job_done", "Done", once="click:1")
        told(bob, "job_done", "Done", once="click:1")
    told(alice, "job_failed", "Failed", once="click:1")
    assert alice.notices.count() == 2
    assert bob.notices.count() == 1
    assert queued().count("accounts.tasks.push_notice") == 3


def test_the_page_goes_back_by_key(as_alice, alice, bob):
    made = [notice(alice, f"Notice {number}") for number in range(inbox.PAGE + 1)]
    notice(bob, "Bob’s")
    page = as_alice.get("/notices/").text
    assert f"Notice {inbox.PAGE}<" in page
    assert "Notice 0<" not in page
    assert "Bob’s" not in page
    assert f"?before={made[1].pk}" in page
    assert "Notice 0<" in as_alice.get(f"/notices/?before={made[1].pk}").text
    assert "Notice 0<" not in as_alice.get("/notices/?before=²").text  # no number: the first page


def test_the_bell_counts_what_is_unread(as_alice, alice):
    assert 'data-unread="0"' in as_alice.get("/notices/").text
    first, _, _ = notice(alice), notice(alice), notice(alice, in_app=False)
    assert 'data-unread="2"' in as_alice.get("/notices/").text
    as_alice.post(f"/notices/{first.pk}/read/")
    assert 'data-unread="1"' in as_alice.get("/notices/").text
    as_alice.post("/notices/read/")
    assert 'data-unread="0"' in as_alice.get("/notices/").text


def test_what_is_not_ones_own_is_not_there(as_alice, bob):
    theirs = notice(bob)
    assert as_alice.post(f"/notices/{theirs.pk}/read/").status_code == 404
    assert as_alice.get(f"/notices/{theirs.pk}/read/").status_code == 405
    as_alice.post("/notices/read/")
    assert dict(inbox.unread([bob.pk])) == {bob.pk: 1}


def test_a_notice_is_text_and_no_markup(as_alice, alice):
    notice(alice, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in as_alice.get("/notices/").text


def test_choices_are_saved_as_the_table_says(as_alice, alice):
    assert 'name="mention.by_mail" checked' in as_alice.get("/settings/notices/").text
    as_alice.post("/settings/notices/", {"mail_every": "24", "comment.by_push": "on", "mention.in_app": "on"})
    alice.refresh_from_db()
    assert alice.mail_every == 24
    assert [getattr(choices.of(alice, "comment"), way) for way in choices.WAYS] == [False, True, False, False]
    assert [getattr(choices.of(alice, "mention"), way) for way in choices.WAYS] == [True, False, False, False]
    assert 'name="mention.by_mail">' in as_alice.get("/settings/notices/").text


def test_strangers_sign_in_first(db):
    for address in ("/notices/", "/settings/notices/"):
        assert Client().get(address).url == f"/account/login/?next={address}"


def test_old_notices_go_and_others_stay(alice):
    old = notice(alice, at=timezone.now() - inbox.KEPT - timedelta(days=1))
    new = notice(alice, at=timezone.now() - inbox.KEPT + timedelta(days=1))
    tasks.purge()
    assert list(Notice.objects.values_list("pk", flat=True)) == [new.pk] != [old.pk]
