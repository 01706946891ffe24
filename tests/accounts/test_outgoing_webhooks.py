"""Webhooks of one's own: signed, tried for a day, never to a private address, switched off when nobody answers."""

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from accounts import tasks
from accounts.models import Notice, OutgoingWebhook, WebhookDelivery
from accounts.notices import delivering, webhooks
from tests.accounts.receiver import receiver


@pytest.fixture
def server(settings):
    settings.PRIVATE_HOSTS = ("127.0.0.1",)
    with receiver() as known:
        yield known


def queue(user, text="Bob says yes") -> WebhookDelivery:
    notice = Notice.objects.create(user=user, event="comment", text=text, url="/gallery/")
    [delivery] = webhooks.queue(notice)
    return delivery


def make_due() -> None:
    WebhookDelivery.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(seconds=1))


def test_what_is_sent_is_signed_as_the_standard_says(alice, server, settings):
    settings.PUBLIC_URL = "https://studio.example.com"
    _, secret = webhooks.add(alice, server.url)
    delivery = queue(alice)
    tasks.deliver(delivery.pk)
    [(path, headers, body)] = server.got
    assert path == "/hook"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == delivery.message_id
    said = json.loads(body)
    assert said["type"] == "comment"
    assert said["data"] == {"text": "Bob says yes", "url": "https://studio.example.com/gallery/"}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.due_at, delivery.tries) == (200, None, 1)


def test_a_task_that_runs_twice_sends_once(alice, server):
    webhooks.add(alice, server.url)
    delivery = queue(alice)
    tasks.deliver(delivery.pk)
    tasks.deliver(delivery.pk)
    assert len(server.got) == 1


def test_what_is_not_taken_is_tried_again_later_under_the_same_id(alice, server):
    webhook, _ = webhooks.add(alice, server.url)
    delivery = queue(alice)
    server.status = 503
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.due_at > timezone.now()
    assert "status 503" in delivery.error
    tasks.deliver(delivery.pk)  # it is not due yet
    server.status = 204
    make_due()
    tasks.deliver_due()
    assert [task.args() for task in OrmQ.objects.all()] == [(delivery.pk,)]
    tasks.deliver(delivery.pk)
    assert [headers["webhook-id"] for _, headers, _ in server.got] == [delivery.message_id] * 2
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.last_error) == (0, "")


def test_after_about_a_day_it_is_given_up(alice, server):
    webhook, _ = webhooks.add(alice, server.url)
    delivery = queue(alice)
    server.status = 500
    pauses = []
    for _ in delivering.PAUSES:
        make_due()
        before = timezone.now()
        tasks.deliver(delivery.pk)
        delivery.refresh_from_db()
        pauses.append(delivery.due_at - before)
    assert timedelta(hours=12) < sum(pauses, timedelta()) < timedelta(days=2)
    make_due()
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.due_at is None
    webhook.refresh_from_db()
    assert webhook.is_enabled


@pytest.mark.parametrize(("status", "failures"), [(500, delivering.FAILURES_AT_MOST - 1), (410, 0)])
def test_one_that_is_dead_is_switched_off_and_its_owner_told(alice, server, status, failures):
    webhook, _ = webhooks.add(alice, server.url)
    OutgoingWebhook.objects.update(failures=failures)
    first, second = queue(alice), queue(alice)
    server.status = status
    tasks.deliver(first.pk)
    webhook.refresh_from_db()
    assert not webhook.is_enabled
    assert alice.notices.get(event="webhook_off").wants_mail
    second.refresh_from_db()
    assert second.due_at is None
    assert delivering.due() == []


def test_redirects_are_not_followed(alice, server):
    webhooks.add(alice, server.url)
    server.status = 302
    delivery = queue(alice)
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert len(server.got) == 1
    assert delivery.delivered_at is None


def test_no_private_address_is_reached(alice, server, settings):
    settings.PRIVATE_HOSTS = ()
    webhooks.add(alice, server.url.replace("127.0.0.1", "localhost"))
    delivery = queue(alice)
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert server.got == []
    assert "private address" in delivery.error


def test_the_secret_is_shown_once_and_kept_encrypted(as_alice, alice):
    page = as_alice.post("/settings/notices/webhooks/add/", {"url": "https://example.com/hook"})
    secret = re.search(r"whsec_[\w+/=]+", page.text).group()
    assert "no-store" in page.headers["Cache-Control"]
    assert secret not in as_alice.get("/settings/notices/").text
    webhook = alice.outgoing_webhooks.get()
    assert webhook.reveal() == secret
    assert secret not in webhook.ciphertext


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com", "http://127.0.0.1/", "http://[::1]/", "https://a:b@x.y/"]
)
def test_what_may_not_be_called_is_refused(as_alice, url):
    answer = as_alice.post("/settings/notices/webhooks/add/", {"url": url})
    assert answer.status_code == 422
    assert 'id="id_url_error"' in answer.text
    assert not OutgoingWebhook.objects.exists()


def test_there_is_an_end_to_how_many(as_alice, alice):
    for number in range(webhooks.AT_MOST):
        webhooks.add(alice, f"https://example.com/{number}")
    answer = as_alice.post("/settings/notices/webhooks/add/", {"url": "https://example.com/more"})
    assert "5 webhooks are the most" in answer.text
    assert alice.outgoing_webhooks.count() == webhooks.AT_MOST


def test_the_test_button_is_no_way_to_flood_a_server(as_alice, alice, server):
    webhook, _ = webhooks.add(alice, server.url)
    address = f"/settings/notices/webhooks/{webhook.pk}/test/"
    assert [as_alice.post(address).status_code for _ in range(11)] == [302] * 10 + [429]
    assert len(server.got) == 10


def test_the_test_button_says_what_came_of_it(as_alice, alice, server, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "webhook_test": None}
    webhook, _ = webhooks.add(alice, server.url)
    address = f"/settings/notices/webhooks/{webhook.pk}/test/"
    assert "status 200" in as_alice.post(address, follow=True).text
    server.status = 418
    page = as_alice.post(address, follow=True).text
    assert "It did not take the message. It answered with status 418." in page
    assert len(server.got) == 2
    assert delivering.due() == []
    for _ in range(delivering.SHOWN):
        as_alice.post(address)
    assert webhook.deliveries.count() == delivering.SHOWN


@pytest.mark.parametrize("verb", ["test", "enable", "disable", "remove"])
def test_anothers_webhook_is_not_there(as_alice, bob, verb):
    webhook, _ = webhooks.add(bob, "https://example.com/hook")
    address = f"/settings/notices/webhooks/{webhook.pk}/{verb}/"
    assert as_alice.post(address).status_code == 404
    assert as_alice.get(address).status_code == 405
    assert Client().post(address).url.startswith("/account/login/")


def test_one_is_switched_off_and_on_and_removed(as_alice, alice):
    webhook, _ = webhooks.add(alice, "https://example.com/hook")
    for verb, enabled in (("disable", False), ("enable", True)):
        as_alice.post(f"/settings/notices/webhooks/{webhook.pk}/{verb}/")
        webhook.refresh_from_db()
        assert webhook.is_enabled is enabled
    as_alice.post(f"/settings/notices/webhooks/{webhook.pk}/remove/")
    assert not alice.outgoing_webhooks.exists()
