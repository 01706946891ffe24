"""Who did what, from where: for the operator, and a team's own part for its owners."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.team import Team


class AuditEntry(models.Model):
    """Nothing in it is secret. `actor_name` stays when the person is gone."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    action = models.CharField(max_length=40)  # "key.added", "link.revoked", "role.changed", "signed_in", …
    target = models.CharField(max_length=200, blank=True)  # in words
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="audit")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("team", "-at"), condition=models.Q(team__isnull=False), name="audit_of_team"),
            models.Index(fields=("action", "-at"), name="audit_by_action"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
