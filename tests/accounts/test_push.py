"""Notices to browsers: let in and out, sent once, forgotten when they are gone."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts import tasks
from accounts.models import Notice, PushSubscription, SiteSecret
from accounts.notices import push
from studio.lib import webpush
from tests.accounts.receiver import receiver

KEY = webpush.private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
GIVEN = {"p256dh": webpush.public_key(KEY), "auth": "BTBZMqHH6r4Tts7J_aSIgg"}


@pytest.fixture
def service(settings):
    """A push service that Studio may reach."""
    settings.PRIVATE_HOSTS = ("127.0.0.1",)
    with receiver() as known:
        known.status = 201
        yield known


def subscribe(user, endpoint) -> PushSubscription:
    return push.subscribe(user, endpoint=endpoint, **GIVEN, browser="Firefox on Linux")


def notice(user) -> Notice:
    return Notice.objects.create(user=user, event="job_done", text="Done: “a red fox”", url="/gallery/")


def opened(sealed: bytes) -> bytes:
    """What the browser reads."""
    salt, theirs, text = sealed[:16], sealed[21:86], sealed[86:]
    ours = webpush.decode(GIVEN["p256dh"])
    shared = KEY.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(webpush.CURVE, theirs))

    def derived(secret, salt, info, length):
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)

    secret = derived(shared, webpush.decode(GIVEN["auth"]), b"WebPush: info\0" + ours + theirs, 32)
    content = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    return AESGCM(content).decrypt(derived(secret, salt, b"Content-Encoding: nonce\0", 12), text, None).rstrip(b"\x02")


def test_a_browser_can_read_what_it_is_sent_and_nobody_else(alice, service):
    subscribe(alice, service.url)
    made = notice(alice)
    tasks.push_notice(made.pk)
    [(_, headers, body)] = service.got
    assert json.loads(opened(body)) == {
        "title": "Studio",
        "body": "Done: “a red fox”",
        "url": "/gallery/",
        "tag": f"notice-{made.pk}",
    }
    assert b"fox" not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["authorization"].endswith(f"k={push.public_key()}")
    assert int(headers["ttl"]) > 0


def test_a_task_that_runs_twice_sends_once(alice, service):
    subscribe(alice, service.url)
    made = notice(alice)
    tasks.push_notice(made.pk)
    tasks.push_notice(made.pk)
    assert len(service.got) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(alice, service, status):
    subscribe(alice, service.url)
    service.status = status
    tasks.push_notice(notice(alice).pk)
    assert not PushSubscription.objects.exists()


def test_trouble_is_counted_and_too_much_of_it_ends_it(alice, service):
    subscribe(alice, service.url)
    service.status = 500
    tasks.push_notice(notice(alice).pk)
    assert PushSubscription.objects.get().failures == 1
    service.status = 201
    tasks.push_notice(notice(alice).pk)
    assert PushSubscription.objects.get().failures == 0
    service.status = 500
    PushSubscription.objects.update(failures=push.FAILURES_AT_MOST - 1)
    tasks.push_notice(notice(alice).pk)
    assert not PushSubscription.objects.exists()


def test_no_private_address_is_reached(alice, service, settings):
    subscription = subscribe(alice, service.url)
    settings.PRIVATE_HOSTS = ()
    PushSubscription.objects.filter(pk=subscription.pk).update(endpoint=service.url.replace("127.0.0.1", "localhost"))
    tasks.push_notice(notice(alice).pk)
    assert service.got == []


def test_the_key_is_made_once_and_kept_encrypted(db, settings):
    first = push.public_key()
    assert push.public_key() == first
    assert first not in SiteSecret.objects.get().ciphertext
    settings.VAPID_KEY = webpush.new_key()
    assert push.public_key() != first


def test_one_lets_a_browser_in_and_out(as_alice, alice, as_bob):
    given = {"endpoint": "https://push.example.com/send/abc", **GIVEN}
    for _ in range(2):
        page = as_alice.post("/settings/notices/browsers/add/", given, follow=True).text
        assert "This browser is told from now on." in page
    browser = alice.push_subscriptions.get()
    address = f"/settings/notices/browsers/{browser.pk}/remove/"
    assert as_bob.post(address).status_code == 404
    assert as_alice.get(address).status_code == 405
    as_alice.post(address)
    assert not alice.push_subscriptions.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://127.0.0.1/"},
        {"endpoint": "nowhere"},
        {"endpoint": f"https://push.example.com/{'x' * 600}"},
        {"p256dh": "AAAA"},
        {"auth": ""},
    ],
    ids=["private", "no-address", "too-long", "no-key", "no-secret"],
)
def test_what_cannot_be_sent_to_is_refused(as_alice, wrong):
    given = {"endpoint": "https://push.example.com/send/abc", **GIVEN, **wrong}
    assert "gave no address" in as_alice.post("/settings/notices/browsers/add/", given, follow=True).text
    assert not PushSubscription.objects.exists()


def test_the_worker_is_served_at_the_root_and_only_shows(client, db):
    answer = client.get("/sw.js")
    assert answer.headers["Content-Type"] == "text/javascript"
    assert "push" in answer.text
    assert "caches" not in answer.text
    assert "fetch" not in answer.text.replace("It keeps nothing and fetches nothing.", "")
