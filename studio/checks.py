"""What Django's own checks cannot know of this site; they run with `manage.py check`, the last ones with --deploy."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SECRET_KEY_FILE = "secret_key"  # noqa: S105  a file's name


@register(Tags.files)
def data_folder(**_: Any) -> Iterable[CheckMessage]:
    if not os.access(settings.DATA, os.W_OK | os.X_OK):
        yield Error(
            f"The data folder {settings.DATA} cannot be written to.",
            hint="Give it to the account that runs Studio, or point STUDIO_DATA elsewhere.",
            id="studio.E001",
        )


@register(Tags.security)
def secret_key_file(**_: Any) -> Iterable[CheckMessage]:
    path = settings.DATA / SECRET_KEY_FILE
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Error(
            f"Others on this machine can read {path}, which provider keys are encrypted with.",
            hint=f"chmod 600 {path}",
            id="studio.E002",
        )


@register(Tags.security, deploy=True)
def public_address(**_: Any) -> Iterable[CheckMessage]:
    """Passwords cross the network as they are, unless others reach Studio by https or not at all."""
    if settings.SECURE:
        return
    if settings.PUBLIC_URL and not _is_this_machine(settings.ALLOWED_HOSTS[0]):
        yield Warning(
            "STUDIO_PUBLIC_URL is not https: passwords and sessions cross the network unprotected.",
            hint="Put a proxy with a certificate in front, and give its https address.",
            id="studio.W001",
        )
    elif not _is_this_machine(settings.HOST):
        yield Warning(
            f"Studio listens on {settings.HOST}, and no https address is set.",
            hint="Set STUDIO_PUBLIC_URL to the https address of the proxy in front.",
            id="studio.W002",
        )


@register(Tags.security, deploy=True)
def debug_for_others(**_: Any) -> Iterable[CheckMessage]:
    if settings.DEBUG and (settings.PUBLIC_URL or not _is_this_machine(settings.HOST)):
        yield Error(
            "STUDIO_DEBUG shows the insides of Studio to everybody who can reach it.",
            hint="Unset STUDIO_DEBUG.",
            id="studio.E003",
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
