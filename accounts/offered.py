"""Which providers this Studio offers: all that it speaks to, less those that the operator withholds."""

from __future__ import annotations

from accounts.models import WithheldProvider
from studio.providers.chat_dialect import ChatDialect
from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS


def offered() -> list[Dialect]:
    """Those whose keys, models and jobs people may add, choose and make."""
    held = withheld()
    return [provider for name, provider in DIALECTS.items() if name not in held]


def makers() -> list[Dialect]:
    """Those of them that make pictures, clips and sounds."""
    return [provider for provider in offered() if not provider.chats]


def chatters() -> list[ChatDialect]:
    """Those of them that answer messages."""
    return [provider for provider in offered() if isinstance(provider, ChatDialect)]


def is_offered(provider: str) -> bool:
    return provider in DIALECTS and not WithheldProvider.objects.filter(pk=provider).exists()


def withheld() -> set[str]:
    return set(WithheldProvider.objects.values_list("pk", flat=True))


def withhold(provider: str) -> None:
    """No new keys and no new jobs of it from now on. What runs goes on, and keys are kept."""
    WithheldProvider.objects.get_or_create(pk=provider)


def offer(provider: str) -> None:
    WithheldProvider.objects.filter(pk=provider).delete()
