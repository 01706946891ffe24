"""Notices to browsers (Push API): each browser that somebody has let in, for as long as its push service knows it."""

from __future__ import annotations

import json
import time

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts import outgoing
from accounts.keyring import keyring
from accounts.models import Notice, PushSubscription, SiteSecret, User
from studio.lib import webpush
from studio.lib.egress import FetchError

AT_MOST = 10  # browsers of one person; the one that was added first makes room
GONE = frozenset({404, 410})  # the browser has let go of it
FAILURES_AT_MOST = 20  # in a row
KEPT = 24 * 3600  # seconds for which the push service keeps what it cannot hand over
LONGEST = PushSubscription._meta.get_field("endpoint").max_length or 0
SECRET = "vapid"  # noqa: S105  a name

log = structlog.get_logger(__name__)


def key() -> EllipticCurvePrivateKey:
    """What every message is signed with: the operator's, or one that is made on first use and kept encrypted."""
    if settings.VAPID_KEY:
        return webpush.private_key(settings.VAPID_KEY)
    fresh = {"ciphertext": keyring().encrypt(webpush.new_key())}
    kept, _ = SiteSecret.objects.get_or_create(name=SECRET, defaults=fresh)
    return webpush.private_key(keyring().decrypt(kept.ciphertext))


def public_key() -> str:
    return webpush.public_key(key())


def subscribe(user: User, *, endpoint: str, p256dh: str, auth: str, browser: str) -> PushSubscription:
    """A browser belongs to whoever let it in last. Raises ValueError or `Forbidden` for what is no subscription."""
    webpush.check(p256dh, auth)
    outgoing.check(endpoint)
    if len(endpoint) > LONGEST:
        raise ValueError(f"An address has at most {LONGEST} characters.")
    given = {"user": user, "p256dh": p256dh, "auth": auth, "browser": browser[:120], "failures": 0}
    subscription, _ = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=given)
    mine = PushSubscription.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    PushSubscription.objects.filter(pk__in=list(mine[AT_MOST:])).delete()
    return subscription


def send(notice_id: int) -> None:
    """To each of the person's browsers, once: a message that is lost on its way is not worth two."""
    claimed = Notice.objects.filter(pk=notice_id, pushed_at=None).update(pushed_at=timezone.now())
    if not claimed:
        return
    notice = Notice.objects.select_related("user").get(pk=notice_id)
    said = {"title": "Studio", "body": notice.text, "url": notice.url or "/", "tag": f"notice-{notice.pk}"}
    body = json.dumps(said, ensure_ascii=False).encode()
    for subscription in notice.user.push_subscriptions.all():
        _send(subscription, body)


def _send(subscription: PushSubscription, body: bytes) -> None:
    signature = webpush.signed(subscription.endpoint, key(), _subject(), now=int(time.time()))
    headers = {"Content-Encoding": "aes128gcm", "TTL": str(KEPT), "Content-Type": "application/octet-stream"}
    sealed = webpush.encrypt(body, subscription.p256dh, subscription.auth)
    try:
        status = outgoing.post(subscription.endpoint, sealed, {**headers, **signature})
    except FetchError as error:
        log.info("push.failed", subscription=subscription.pk, reason=str(error))
        status = 0
    _note(subscription, status)


def _note(subscription: PushSubscription, status: int) -> None:
    same = PushSubscription.objects.filter(pk=subscription.pk)
    if status in GONE or (not 200 <= status < 300 and subscription.failures + 1 >= FAILURES_AT_MOST):
        same.delete()
    else:
        same.update(failures=0 if 200 <= status < 300 else F("failures") + 1)


def _subject() -> str:
    """Where the people of the push service may write to. Apple's wants an address that looks like one."""
    return settings.PUBLIC_URL if settings.SECURE else f"mailto:{settings.DEFAULT_FROM_EMAIL}"
