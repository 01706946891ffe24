"""Teams: who belongs to which, as what, and the keys that a team may use."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class TeamRole(models.TextChoices):
    """What somebody may do with what is the team's; what is one's own is one's own in any role."""

    OWNER = "owner", "Owner"  # members, roles, invitations, keys, limits, approvals
    MEMBER = "member", "Member"  # makes, shares, comments, reviews
    VIEWER = "viewer", "Viewer"  # looks, comments


class Team(models.Model):
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="accounts.Membership", related_name="teams")

    class Meta:
        ordering = (Lower("name"), "pk")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=TeamRole, default=TeamRole.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("joined_at", "pk")
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="one_membership_per_team"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class TeamInvitation(models.Model):
    """A link into a team: for one mail address, or for whoever has it (`email` empty), so many times.

    Only the token's hash is kept.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("mail address", blank=True)
    role = models.CharField(max_length=6, choices=TeamRole, default=TeamRole.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    most_uses = models.PositiveIntegerField(default=1)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.email or f"link {self.pk}"

    @classmethod
    def open(cls) -> models.QuerySet[TeamInvitation]:
        rows = cls.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())
        return rows.filter(uses__lt=models.F("most_uses"))


class TeamKey(models.Model):
    """A key that its owner lets a team use, without showing it.

    Amounts are in the provider's own unit, and null where there is no limit.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="keys")
    key = models.ForeignKey("accounts.ProviderKey", on_delete=models.CASCADE, related_name="team_uses")
    member_limit = models.DecimalField("each member a month", max_digits=18, decimal_places=6, null=True, blank=True)
    approve_above = models.DecimalField("ask me above", max_digits=18, decimal_places=6, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("key__provider", "key__label", "pk")
        constraints = (models.UniqueConstraint(fields=("team", "key"), name="one_use_per_team_and_key"),)

    def __str__(self) -> str:
        return f"{self.key_id} in {self.team_id}"
