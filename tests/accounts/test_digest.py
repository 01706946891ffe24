"""Notices by mail: together, seldom, once, and stopped by one click."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import Notice
from accounts.notices import choices, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed(alice, settings):
    """Alice, whom mail reaches."""
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://studio.example.com"
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def waiting(user, text="Bob mentions you", **fields) -> Notice:
    return Notice.objects.create(user=user, event="mention", text=text, url="/gallery/", wants_mail=True, **fields)


def test_all_that_is_unread_comes_in_one_mail(mailed):
    tell(mailed, "mention", "Bob mentions you: <b>look</b>", "/gallery/?q=1&x=2")
    waiting(mailed, "Carol mentions you")
    waiting(mailed, "You read this", read_at=timezone.now())
    tell(mailed, "comment", "Nobody asked for mail of this")
    tasks.send_digests()
    [message] = mail.outbox
    assert message.to == [mailed.email]
    assert message.subject == "Studio: 2 notices"
    assert "Bob mentions you: <b>look</b>\nhttps://studio.example.com/gallery/?q=1&x=2" in message.body
    assert "Carol" in message.body
    assert "You read this" not in message.body
    assert "Nobody asked" not in message.body
    html = message.alternatives[0].content
    assert "&lt;b&gt;look" in html


def test_a_task_that_runs_twice_mails_once_and_the_next_comes_an_hour_later(mailed):
    waiting(mailed)
    tasks.send_digests()
    tasks.send_digests()
    waiting(mailed, "Another")
    tasks.send_digests()
    assert len(mail.outbox) == 1
    Notice.objects.exclude(mailed_at=None).update(mailed_at=timezone.now() - timedelta(hours=1))
    tasks.send_digests()
    assert mail.outbox[1].subject == "Studio: Another"


def test_who_chose_a_day_waits_for_a_day(mailed):
    mailed.mail_every = 24
    mailed.save()
    waiting(mailed, mailed_at=timezone.now() - timedelta(hours=20))
    waiting(mailed, "Another")
    tasks.send_digests()
    assert not mail.outbox
    Notice.objects.exclude(mailed_at=None).update(mailed_at=timezone.now() - timedelta(hours=24))
    tasks.send_digests()
    assert len(mail.outbox) == 1


def test_an_address_that_nobody_confirmed_gets_none(mailed):
    EmailAddress.objects.update(verified=False)
    waiting(mailed)
    tasks.send_digests()
    assert not mail.outbox


def test_without_a_mail_server_nothing_is_sent_and_the_page_says_so(mailed, settings, client):
    settings.HAS_MAIL = False
    waiting(mailed)
    tasks.send_digests()
    assert not mail.outbox
    client.force_login(mailed)
    assert "sends no mail" in client.get("/settings/notices/").text


def test_what_the_server_does_not_take_waits_for_the_next_time(mailed, monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError

    waiting(mailed)
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "send_messages", refuse)
        tasks.send_digests()
    assert Notice.objects.filter(wants_mail=True, mailed_at=None).exists()
    tasks.send_digests()
    assert len(mail.outbox) == 1


def test_one_click_stops_it(mailed):
    waiting(mailed)
    tasks.send_digests()
    [message] = mail.outbox
    link = re.fullmatch(r"<https://studio.example.com(/\S+)>", message.extra_headers["List-Unsubscribe"]).group(1)
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop the mail" in stranger.get(link).text
    assert choices.of(mailed, "mention").by_mail
    waiting(mailed, "Waits for the next one")
    assert "No more mail of notices" in stranger.post(link, {"List-Unsubscribe": "One-Click"}).text
    assert not any(choices.of(mailed, event).by_mail for event in ("mention", "team", "comment"))
    assert choices.of(mailed, "mention").by_push
    assert not Notice.objects.filter(wants_mail=True, mailed_at=None).exists()


def test_a_link_that_was_changed_stops_nothing(client):
    assert client.post("/notices/mail/stop/abc:def/").status_code == 404
