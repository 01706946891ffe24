"""Which providers the operator offers."""

from __future__ import annotations

from django.db import models


class WithheldProvider(models.Model):
    """A provider that is not offered in this Studio: no new keys, no new jobs. What runs goes on."""

    provider = models.CharField(max_length=40, primary_key=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.provider
