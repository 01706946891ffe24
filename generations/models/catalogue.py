"""A provider's own words about its models and prices, kept as they came."""

from __future__ import annotations

from django.db import models


class Payload(models.Model):
    """The decoded JSON of a provider's catalogue answers, by name, kept once however many keys were given the same."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the JSON, sorted by names
    answers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.digest


class Catalogue(models.Model):
    """What a provider last answered a key; the dialect reads models out of its payload.

    `key` is null for a provider that needs none. One key may see other models than another.
    """

    provider = models.CharField(max_length=40)
    key = models.OneToOneField("accounts.ProviderKey", on_delete=models.CASCADE, null=True, blank=True)
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, null=True, blank=True)  # null: no answer yet
    fetched_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("provider",),
                condition=models.Q(key__isnull=True),
                name="one_keyless_catalogue_per_provider",
            ),
        )

    def __str__(self) -> str:
        return self.provider
