"""Opening a link: its password, one of its views, and that a browser has done both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from generations.models import LinkOpening, ShareLink

KEPT = "opened-links"  # in the session: the version of each link at which this browser was let in
MOST_KEPT = 60
OPENINGS_FOR = timedelta(days=90)


def admitted(session: SessionBase) -> Mapping[str, int]:
    kept: dict[str, int] = session.get(KEPT, {})
    return kept


def asks(link: ShareLink) -> bool:
    """Is there something to do before it opens? A page that is only fetched must not use up one of its views."""
    return bool(link.password) or link.most_views is not None


def is_right(link: ShareLink, password: str) -> bool:
    """Is this its password, if it has one? A wrong one is written down."""
    if not link.password or check_password(password, link.password):
        return True
    LinkOpening.objects.create(link=link, is_refused=True)
    return False


def let_in(session: SessionBase, link: ShareLink) -> bool:
    """Takes one of its views for this browser. False where none is left, or the link has changed meanwhile."""
    if admitted(session).get(str(link.pk)) == link.version:
        return True
    if not _take_view(link):
        return False
    others = {of: version for of, version in admitted(session).items() if of != str(link.pk)}
    session[KEPT] = dict(list({**others, str(link.pk): link.version}.items())[-MOST_KEPT:])
    return True


def _take_view(link: ShareLink) -> bool:
    open_still = Q(revoked_at=None, version=link.version) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    has_views = Q(most_views=None) | Q(views__lt=F("most_views"))
    with transaction.atomic():
        if ShareLink.objects.filter(open_still, has_views, pk=link.pk).update(views=F("views") + 1) != 1:
            return False
        LinkOpening.objects.create(link=link)
    return True


def purge() -> None:
    """What nobody asks about any more."""
    LinkOpening.objects.filter(at__lt=timezone.now() - OPENINGS_FOR).delete()
