"""How long a link lasts: what is offered, what one usually takes, and what goes for good."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from generations.links import opening
from generations.models import ShareLink

DAYS = {"day": 1, "week": 7, "month": 30}
NAMES = {"day": "1 day", "week": "7 days", "month": "30 days", "date": "Until a day", "never": "Never"}
USUAL = "week"
REMEMBERED = "link_expiry"  # among a person's last settings
KEPT_FOR = timedelta(days=90)  # after its end, so that its owner can see what became of it


class TooLong(ValueError):
    """The operator has said how long a link may last; the message is for people."""


def offered() -> list[tuple[str, str]]:
    """The ways to say it that the operator leaves."""
    longest = settings.LONGEST_LINK
    fitting = {name: said for name, said in NAMES.items() if not longest or DAYS.get(name, 1) <= longest}
    if longest:
        fitting.pop("never")
    return list(fitting.items())


def usual(user: User) -> str:
    """What stands in the form at first: never "never", which has to be chosen each time."""
    names = [name for name, _ in offered()]
    wanted = user.last_settings.get(REMEMBERED, USUAL)
    if wanted in DAYS and wanted in names:
        return str(wanted)
    return USUAL if USUAL in names else names[0]


def remember(user: User, name: str) -> None:
    """For the next link."""
    if name in DAYS:
        user.last_settings = {**user.last_settings, REMEMBERED: name}
        user.save(update_fields=["last_settings"])


def until(name: str, day: date | None = None) -> datetime | None:
    """When a link ends that is made now; None: never. A day counts to its end. Raises TooLong."""
    now = timezone.now()
    if name == "never":
        end = None
    elif name == "date" and day:
        end = datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
    else:
        end = now + timedelta(days=DAYS.get(name, DAYS[USUAL]))
    if settings.LONGEST_LINK:
        latest = now + timedelta(days=settings.LONGEST_LINK)
        if end is None or end > latest + timedelta(days=1):
            raise TooLong(f"The operator lets links last {settings.LONGEST_LINK} days at most.")
        end = min(end, latest)
    return end


def purge() -> None:
    """Links that ended long ago, and the openings of all that are old."""
    before = timezone.now() - KEPT_FOR
    ShareLink.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)).delete()
    opening.purge()
