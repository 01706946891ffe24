"""What a job will cost, before it is sent."""

from __future__ import annotations

from generations.catalogues import Offer
from studio.providers.base import JobSpec, Quote


def quote(offer: Offer, spec: JobSpec) -> Quote:
    """The price of one job through this offer, as the provider names it."""
    return offer.provider.quote(spec, offer.model)
