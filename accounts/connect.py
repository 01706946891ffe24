"""From a person's key to a provider one can talk to."""

from __future__ import annotations

from django.conf import settings

from accounts.models import ProviderKey
from studio.providers.http import HttpProvider
from studio.providers.registry import dialect
from studio.providers.transports import Transports


def connect(provider: str, key: ProviderKey | None, transports: Transports) -> HttpProvider:
    """The provider as this key sees it. The key is decrypted here, at the call, and nowhere kept."""
    secret = key.reveal() if key else settings.PROVIDER_SECRETS.get(provider, "")
    return HttpProvider(dialect(provider), settings.PROVIDER_URLS[provider], secret, transports)
