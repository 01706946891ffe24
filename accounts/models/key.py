"""A person's key for a provider, encrypted at rest."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.keyring import keyring
from studio.lib.crypto import hint


class ProviderKey(models.Model):
    """The secret is readable by `reveal()` alone, at the call; everything that is shown is `hint`."""

    class Status(models.TextChoices):
        UNTESTED = "untested", "Not tested"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_keys")
    provider = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    base_url = models.CharField("address", max_length=300, blank=True)  # of its own server, where the provider has none
    ciphertext = models.TextField(editable=False)
    hint = models.CharField(max_length=40, editable=False)  # "": there is no secret
    is_default = models.BooleanField(default=False)
    is_enabled = models.BooleanField("enabled", default=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.UNTESTED)
    tested_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # What the account holds, as it was last heard: {"left", "unit", "total", "plan", "ends_at", "is_vip"}.
    account = models.JSONField(default=dict, blank=True)
    account_at = models.DateTimeField(null=True, blank=True)
    webhook_ciphertext = models.TextField(blank=True, editable=False)  # the secret its callbacks are signed with

    # Limits; null: what is usual for the provider, and for the money, none.
    concurrency = models.PositiveIntegerField("jobs at once", null=True, blank=True)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    soft_limit = models.DecimalField("monthly warning", max_digits=18, decimal_places=6, null=True, blank=True)
    hard_limit = models.DecimalField("monthly limit", max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ("provider", "-is_default", "label", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "provider"),
                condition=models.Q(is_default=True),
                name="one_default_key_per_provider",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} ({self.hint or 'no key'})"

    @property
    def borrower(self) -> int | None:
        """Who uses it, where it is another's: known where keys are read for somebody (`keys.usable_by`)."""
        found: int | None = getattr(self, "lent_to", None)
        return found

    @property
    def is_lent(self) -> bool:
        return self.borrower is not None

    @property
    def name(self) -> str:
        """To tell it from others: of a key that is lent, with the name of its owner."""
        return f"{self.label} ({self.owner.display_name})" if self.is_lent else self.label

    @property
    def team_ids(self) -> set[int]:
        """The teams that may use it."""
        return {use.team_id for use in self.team_uses.all()}

    def conceal(self, secret: str) -> None:
        """Takes a new secret in, or none ("") where the provider wants none; the record is not saved."""
        self.ciphertext = keyring().encrypt(secret)
        self.hint = hint(secret) if secret else ""

    def reveal(self) -> str:
        """The secret itself, for the moment of the call. Raises `studio.lib.crypto.Undecryptable`."""
        return keyring().decrypt(self.ciphertext)

    def note_error(self, message: str, *, refused: bool = False) -> None:
        """Remembers what the provider last said against this key; `refused`: it did not take it at all."""
        status = {"status": self.Status.REFUSED} if refused else {}
        now = timezone.now()
        ProviderKey.objects.filter(pk=self.pk).update(last_error=message[:300], last_error_at=now, **status)

    def note_use(self) -> None:
        """The provider answered it just now, so a refusal from before is over."""
        same = ProviderKey.objects.filter(pk=self.pk)
        same.update(last_used_at=timezone.now())
        same.filter(status=self.Status.REFUSED).update(status=self.Status.ACCEPTED, last_error="", last_error_at=None)
