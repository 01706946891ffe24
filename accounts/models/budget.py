"""How many requests a key may still send, shared by all processes."""

from __future__ import annotations

from django.db import models


class Budget(models.Model):
    """One token bucket of a key, as a single moment (the generic cell rate algorithm; see `accounts.budget`).

    `purpose` is "all" for the key's whole budget, or the name of a share within it ("quotes"). `empty_until` is in
    seconds of Unix time: the moment at which the bucket will be full again.
    """

    key = models.ForeignKey("accounts.ProviderKey", on_delete=models.CASCADE, related_name="budgets")
    purpose = models.CharField(max_length=20, default="all")
    empty_until = models.FloatField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "purpose"), name="one_budget_per_purpose"),)

    def __str__(self) -> str:
        return f"{self.purpose} of {self.key_id}"
