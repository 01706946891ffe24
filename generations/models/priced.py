"""What a job costs, in its provider's own unit."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from generations.models.states import Charge
from studio.providers.base import Cost


class Priced(models.Model):
    """Quoted before the click, estimated by the provider when it took the job, actual when it was made."""

    charge = models.CharField(max_length=7, choices=Charge, default=Charge.NO)
    quoted_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    quoted_unit = models.CharField(max_length=12, blank=True)
    quote_is_estimate = models.BooleanField(default=False)
    estimated_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    estimated_unit = models.CharField(max_length=12, blank=True)
    actual_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    actual_unit = models.CharField(max_length=12, blank=True)
    remaining_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)  # at the account

    class Meta:
        abstract = True

    @property
    def quoted(self) -> Cost | None:
        return _cost(self.quoted_amount, self.quoted_unit)

    @property
    def estimated(self) -> Cost | None:
        return _cost(self.estimated_amount, self.estimated_unit)

    @property
    def actual(self) -> Cost | None:
        return _cost(self.actual_amount, self.actual_unit)

    @property
    def remaining(self) -> Cost | None:
        """What the account held after this job, where the provider told."""
        return _cost(self.remaining_amount, self.actual_unit or self.quoted_unit)

    @property
    def is_free(self) -> bool:
        """Nothing, by the provider's word; an estimate of nothing is no promise."""
        return self.quoted_amount == 0 and not self.quote_is_estimate

    @property
    def at_risk(self) -> Charge:
        """What is known of the charge from the moment the provider may have acted."""
        return Charge.NO if self.is_free else Charge.UNKNOWN


def _cost(amount: Decimal | None, unit: str) -> Cost | None:
    return None if amount is None else Cost(amount, unit)
