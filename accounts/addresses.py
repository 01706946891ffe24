"""The addresses of servers that people give with their keys: how they are written, and which may be reached.

Names are judged when they are dialled (see `studio.lib.egress`); what is an address already, when it is given.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import ProviderKey, User
from studio.lib.egress import DEFAULT_PORTS, Egress, Forbidden
from studio.providers.dialect import Dialect

LONGEST = ProviderKey._meta.get_field("base_url").max_length or 0
_ANYWHERE = Egress(["0.0.0.0/0", "::/0"])  # tells what is private from what is no address at all


def read(spoken: Dialect, text: str, owner: User) -> str:
    """The base of the server's API. Raises ValueError, in words for its owner."""
    base = spoken.base_of(text)
    if len(base) > LONGEST:
        raise ValueError(f"An address has at most {LONGEST} characters.")
    try:
        _ANYWHERE.check_url(base)
    except Forbidden as error:
        raise ValueError(str(error)) from None
    try:
        Egress(settings.PRIVATE_HOSTS).check_url(base)
    except Forbidden:
        raise ValueError(private(base, owner)) from None
    return base


def private(base: str, owner: User) -> str:
    """What to do about an address that Studio may not call."""
    parts = urlsplit(base)
    if not owner.is_superuser:
        return f"{parts.hostname} is a private address, which Studio may not call. Ask the operator to allow it."
    place = parts.netloc if parts.port else f"{parts.netloc}:{DEFAULT_PORTS[parts.scheme]}"
    return (
        f"{parts.hostname} is a private address, which Studio may not call. To allow it, add {place} to "
        "STUDIO_PRIVATE_HOSTS and start Studio again."
    )


def host(base: str) -> str:
    """As people name the server: "127.0.0.1:11434"."""
    return urlsplit(base).netloc
