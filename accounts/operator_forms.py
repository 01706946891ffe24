"""The forms of the operator's pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import User

GIGABYTE = 2**30  # as sizes are shown everywhere


class PersonLimitsForm(forms.Form):
    """What is left empty has no limit."""

    has_placeholders = True

    storage_limit = forms.DecimalField(
        label="Storage, GB",
        required=False,
        min_value=0,
        max_value=1_000_000,
        decimal_places=2,
        help_text="Of results and uploads. Beyond it, nothing new is made or taken in.",
        widget=forms.NumberInput(attrs={"placeholder": "No limit", "step": "any"}),
    )
    open_jobs_limit = forms.IntegerField(
        label="Jobs under way",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="More at once are not taken.",
        widget=forms.NumberInput(attrs={"placeholder": "No limit"}),
    )

    @classmethod
    def of(cls, user: User) -> PersonLimitsForm:
        limit = user.storage_limit
        shown = None if limit is None else f"{round(Decimal(limit) / GIGABYTE, 2).normalize():f}"
        return cls(prefix=str(user.pk), initial={"storage_limit": shown, "open_jobs_limit": user.open_jobs_limit})

    def clean_storage_limit(self) -> int | None:
        """In bytes."""
        given: Decimal | None = self.cleaned_data["storage_limit"]
        return None if given is None else int(given * GIGABYTE)

    def clean(self) -> dict[str, Any]:
        return {"storage_limit": None, "open_jobs_limit": None, **(super().clean() or {})}
