"""The key ring that provider keys are encrypted with."""

from functools import cache

from django.conf import settings

from studio.lib.crypto import KeyRing


@cache
def keyring() -> KeyRing:
    return KeyRing([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
