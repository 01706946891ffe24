"""The text of a setting, turned into its value. Each raises ValueError with what the text must be, never the text."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit


def text(value: str) -> str:
    return value


def flag(value: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
        "": False,
    }
    if value.lower() not in words:
        raise ValueError("must be one of 1, 0, true, false, yes, no, on, off")
    return words[value.lower()]


def port(value: str) -> int:
    if not _is_within(value, 1, 65535):
        raise ValueError("must be a port number from 1 to 65535")
    return int(value)


def count(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not _is_within(value, low, high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _is_within(value: str, low: int, high: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError("must be one of " + ", ".join(words))
        return value

    return parse


def folder(root: Path) -> Callable[[str], Path]:
    """Relative ones begin in `root`; it need not be there yet."""

    def parse(value: str) -> Path:
        try:
            path = root / Path(value).expanduser()
            taken = next(place for place in (path, *path.parents) if place.exists())
        except (RuntimeError, OSError) as error:
            raise ValueError("must be the path of a folder") from error
        if not taken.is_dir():
            raise ValueError("must be a folder, and there is a file in its place")
        return path

    return parse


def _split(value: str) -> SplitResult:
    """An address in its parts, with a port that can be; refused without the value, which may hold a password."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("must be an address that can be read") from None
    try:
        parts.port  # noqa: B018  the property itself raises for a port out of range
    except ValueError:
        raise ValueError("must hold a port number from 0 to 65535") from None
    return parts


def base_url(value: str) -> str:
    """An http(s) origin, optionally with a path in front of the API's own; no trailing slash, no query, no user."""
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://api.example.com")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must not hold a user name, a query or a fragment")
    return value.rstrip("/")


def optional_url(value: str) -> str:
    return base_url(value) if value else ""


def server_url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value and _split(value).scheme not in schemes:
            raise ValueError("must begin with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return parse


def database_url(value: str) -> str:
    parts = _split(server_url("postgres", "postgresql", "sqlite")(value))
    if value and not parts.path.strip("/"):
        raise ValueError("must name the database: postgresql://user:password@host/name")
    return value


def secrets(value: str) -> tuple[str, ...]:
    """Comma-separated secrets, newest first, each of 32 characters or more."""
    items = tuple(item.strip() for item in value.split(",") if item.strip())
    if any(len(item) < 32 for item in items):
        raise ValueError("must be 32 characters or more; several are separated by commas, newest first")
    return items


_HOST = re.compile(r"^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:\d{1,5})?$", re.IGNORECASE)


def hosts(value: str) -> tuple[str, ...]:
    """Comma-separated host names, addresses or networks in CIDR form."""
    items = tuple(item.strip() for item in value.split(",") if item.strip())
    for place, item in enumerate(items, start=1):
        try:
            ipaddress.ip_network(item, strict=False)
        except ValueError:
            if "/" in item or not _HOST.match(item):
                reason = f"must hold host names and networks such as 10.0.0.0/8, and number {place} is neither"
                raise ValueError(reason) from None
    return items


def email_url(value: str) -> str:
    parts = _split(value)
    if value and (parts.scheme not in {"smtp", "smtps", "smtp+tls", "console"}):
        raise ValueError("must be such as smtp+tls://user:password@mail.example.com:587, or console://")
    if parts.scheme.startswith("smtp") and not parts.hostname:
        raise ValueError("must name the mail server: smtp://mail.example.com")
    return value


def address(value: str) -> str:
    """Bare, or with a name: "Studio <studio@example.com>"."""
    name, _, host = parseaddr(value)[1].rpartition("@")
    if not name or not host or any(character.isspace() for character in name + host):
        raise ValueError("must be a mail address")
    return value


def interface(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("must be an address such as 127.0.0.1 or 0.0.0.0") from None
    return value


def signing_key(value: str) -> str:
    """The 32 bytes of a private key as base64url, or nothing."""
    if value and not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", value):
        raise ValueError("must be 32 bytes as base64url, which are 43 characters")
    return value
