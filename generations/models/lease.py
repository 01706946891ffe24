"""Who may run the one polling shift."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone

from studio.lib import process


class Lease(models.Model):
    """A named right held by one process at a time.

    `owner` is host/pid/process start, so that a successor on the same host can tell at once that its owner is dead.
    `token` rises by one with every new owner (a fencing token).
    """

    TTL = timedelta(seconds=10)

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=120, blank=True)
    token = models.BigIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.owner or 'free'}"

    @classmethod
    def take(cls, name: str, *, owner: str) -> Lease | None:
        """The lease, if it was free, has run out, or belonged to a process that is known to be dead."""
        lease = cls.objects.get_or_create(name=name)[0]
        if not lease._is_to_be_had(owner):
            return None
        now = timezone.now()
        same = cls.objects.filter(name=name, token=lease.token, owner=lease.owner)
        won = same.update(owner=owner, token=F("token") + 1, renewed_at=now, expires_at=now + cls.TTL)
        return cls(name=name, owner=owner, token=lease.token + 1, renewed_at=now) if won else None

    @classmethod
    def is_held(cls, name: str) -> bool:
        """By a process that is not known to be dead."""
        lease = cls.objects.filter(name=name).first()
        return lease is not None and not lease._is_to_be_had("")

    @classmethod
    def silence(cls, name: str) -> timedelta:
        """How long ago its owner, whoever that was, gave a sign of life; for ever where there never was one."""
        renewed_at = cls.objects.filter(name=name).values_list("renewed_at", flat=True).first()
        return timezone.now() - renewed_at if renewed_at else timedelta.max

    def _is_to_be_had(self, by: str) -> bool:
        if not self.owner or self.owner == by or self.expires_at is None or self.expires_at < timezone.now():
            return True
        return process.is_alive(self.owner) is False

    def renew(self) -> bool:
        """False: it has passed to another, and whatever it allowed must end."""
        now = timezone.now()
        return bool(self._mine().update(renewed_at=now, expires_at=now + self.TTL))

    def release(self) -> None:
        self._mine().update(owner="", expires_at=None)

    def _mine(self) -> models.QuerySet[Lease]:
        return Lease.objects.filter(name=self.name, owner=self.owner, token=self.token)
