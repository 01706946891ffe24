"""Settings from the environment: each declared once, parsed strictly, refused with a sentence that says the mend."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: `parse` turns its text into a value or raises ValueError with a reason."""

    name: str
    parse: Callable[[str], Any]
    default: str
    help: str


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


def folder(value: str) -> Path:
    try:
        path = ROOT / Path(value).expanduser()
        taken = next(place for place in (path, *path.parents) if place.exists())
    except (RuntimeError, OSError) as error:
        raise ValueError("must be the path of a folder") from error
    if not taken.is_dir():
        raise ValueError("must be a folder, and there is a file in its place")
    return path


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


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "STUDIO_DATA",
        folder,
        "data",
        "Folder for the database, the media and the secret key; relative to the project.",
    ),
    Variable(
        "STUDIO_SECRET_KEY",
        secrets,
        "",
        "Secret behind sessions and the encryption of provider keys, 32 characters or more; several may be "
        "given, comma-separated, newest first. Default: made once, kept in `STUDIO_DATA/secret_key` (mode "
        "0600).",
    ),
    Variable(
        "STUDIO_PUBLIC_URL",
        optional_url,
        "",
        "Address under which browsers and providers reach Studio, such as `https://studio.example.com`. Turns "
        "on secure cookies (when https), provider webhooks, and signed addresses by which a provider fetches a "
        "job's reference images.",
    ),
    Variable(
        "STUDIO_SIGNUP",
        one_of("open", "invite", "closed"),
        "open",
        "Who may sign up: anyone (`open`), people whom the operator invited (`invite`), nobody (`closed`). "
        "The first account can always be made and is the operator.",
    ),
    Variable(
        "STUDIO_PRIVATE_HOSTS",
        hosts,
        "",
        "Hosts or networks, comma-separated, that outgoing requests may reach besides public addresses, such "
        "as `gpu.internal,10.0.0.0/8`.",
    ),
    Variable(
        "STUDIO_WAYSCLOUD_GPU_URL",
        base_url,
        "https://api.wayscloud.services",
        "Base of WAYSCloud GPU Studio, without the API's path.",
    ),
    Variable(
        "STUDIO_WAYSCLOUD_LLM_URL",
        base_url,
        "https://api.wayscloud.services",
        "Base of the WAYSCloud LLM API, without the API's path.",
    ),
    Variable(
        "STUDIO_WAVESPEED_URL",
        base_url,
        "https://api.wavespeed.ai",
        "Base of WaveSpeedAI, without the API's path.",
    ),
    Variable(
        "STUDIO_NANOBANANA_URL",
        base_url,
        "https://imgeditor.co",
        "Base of the Nano Banana API, without the API's path.",
    ),
    Variable(
        "STUDIO_ENGINE_URL",
        optional_url,
        "",
        "Base of the built-in engine. `manage.py up` starts one and sets this itself.",
    ),
    Variable("STUDIO_ENGINE_TOKEN", text, "", "Key of the built-in engine. `manage.py up` makes one at each start."),
    Variable("STUDIO_HOST", interface, "127.0.0.1", "Interface the web server listens on."),
    Variable("PORT", port, "8000", "Port the web server listens on."),
    Variable("STUDIO_DEBUG", flag, "0", "Django's debug pages. Never on where others can reach it."),
    Variable(
        "STUDIO_LOG_FORMAT",
        one_of("auto", "text", "json"),
        "auto",
        "One line an event, as `text` or `json`; `auto` is text in a terminal, JSON elsewhere.",
    ),
    Variable("STUDIO_WORKERS", count(2, 32), "3", "Processes of the background worker."),
    Variable(
        "DATABASE_URL",
        database_url,
        "",
        "PostgreSQL (`postgresql://user:password@host/name`) instead of SQLite in `STUDIO_DATA`.",
    ),
    Variable(
        "REDIS_URL",
        server_url("redis", "rediss", "unix"),
        "",
        "Redis (`redis://host:6379/0`) for the queue and the cache instead of the database and memory.",
    ),
    Variable(
        "STUDIO_EMAIL_URL",
        email_url,
        "",
        "Mail server, such as `smtp+tls://user:password@mail.example.com:587`, or `console://`. Default: mail "
        "is written to `STUDIO_DATA/mail`.",
    ),
    Variable("STUDIO_EMAIL_FROM", address, "studio@localhost", "Sender of Studio's mail."),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Every variable's value by name. Raises ImproperlyConfigured: the variable and the mend, never its value."""
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        given = environ.get(variable.name, "").strip() or variable.default
        try:
            values[variable.name] = variable.parse(given)
        except ValueError as error:
            raise ImproperlyConfigured(f"{variable.name} {error}.") from None
    return values


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def mail_settings(url: str, fallback: Path) -> dict[str, Any]:
    """Django's mail settings for a mail server's URL; without one, mail is written to files in `fallback`."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if not parts.scheme.startswith("smtp"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": fallback,
        }
    implicit = parts.scheme == "smtps"
    starttls = parts.scheme == "smtp+tls"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if implicit else 587 if starttls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": starttls,
        "EMAIL_TIMEOUT": 15,
    }
