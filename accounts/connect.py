"""From a person's key to a provider one can talk to."""

from __future__ import annotations

from django.conf import settings

from accounts import budget
from accounts.models import ProviderKey
from studio.providers.http import HttpProvider
from studio.providers.registry import dialect
from studio.providers.transports import TIMEOUTS, Timeouts, Transports

PATIENCE = 5.0  # seconds for which a page's request waits for its turn among all that the key may send


def connect(
    provider: str,
    key: ProviderKey | None,
    transports: Transports,
    *,
    purpose: str = budget.ALL,
    patience: float = PATIENCE,
    timeouts: Timeouts = TIMEOUTS,
) -> HttpProvider:
    """The provider as this key sees it. The key is decrypted here, at the call, and nowhere kept.

    The requests of pages keep to the key's budget by themselves; what the worker sends asynchronously is its lanes'
    to count. A request that does not get its turn is a ProviderError "rate_limited".
    """
    spoken = dialect(provider)
    secret = key.reveal() if key else settings.PROVIDER_SECRETS.get(provider, "")
    base = settings.PROVIDER_URLS.get(provider, "")
    if spoken.has_address and key:  # somebody gave it, so it may lead anywhere
        base, transports = key.base_url, transports.guarded(settings.PRIVATE_HOSTS)
    return HttpProvider(spoken, base, secret, transports, timeouts, gate=budget.Gate(key, purpose, patience))
