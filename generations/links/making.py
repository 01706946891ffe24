"""What the owner of a link does: makes it, gives it another address, changes its terms, ends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generations.links import smart
from generations.models import Job, ShareItem, ShareLink
from studio.lib.crypto import fingerprint, token

BYTES = 24  # of chance in a token
ENDS_VIEWINGS = ("password", "audience", "team_id")


def make(link: ShareLink, jobs: Sequence[Job] = ()) -> str:
    """Writes it down, with the jobs of a selection. Its token is known now and never again."""
    word = token(BYTES)
    link.token_hash = fingerprint(word)
    if link.conversation:
        link.message_id = link.conversation.current_id
    found = smart.found(link.album) if link.album and link.album.is_smart else []
    with transaction.atomic():
        link.save(force_insert=True)
        smart.write(link, found)
        ShareItem.objects.bulk_create(
            [ShareItem(link=link, job=job, place=place) for place, job in enumerate(jobs)], batch_size=200
        )
    return word


def new_address(link: ShareLink) -> str | None:
    """Another token; the old address and all open viewings end. None where the link has ended."""
    word = token(BYTES)
    rows = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
    changed = rows.update(token_hash=fingerprint(word), version=F("version") + 1, changed_at=timezone.now())
    return word if changed else None


def change(link: ShareLink, **terms: Any) -> bool:
    """Other terms from now on; a changed password or audience ends open viewings. False where it has ended."""
    if any(name in terms and terms[name] != getattr(link, name) for name in ENDS_VIEWINGS):
        terms["version"] = F("version") + 1
    rows = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
    return rows.update(**terms, changed_at=timezone.now()) == 1


def revoke(link: ShareLink) -> bool:
    rows = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
    return rows.update(revoked_at=timezone.now(), changed_at=timezone.now()) == 1


def revoke_all(owner: User) -> int:
    now = timezone.now()
    return ShareLink.objects.filter(owner=owner, revoked_at=None).update(revoked_at=now, changed_at=now)


def address(word: str, request: HttpRequest) -> str:
    """The whole address, as it is sent."""
    path = reverse("shared", args=[word])
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
