"""Settings from the environment: each declared once, parsed strictly, refused with a sentence that says the mend."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from studio.lib import parsers

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: `parse` turns its text into a value or raises ValueError with a reason."""

    name: str
    parse: Callable[[str], Any]
    default: str
    help: str


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "STUDIO_DATA",
        parsers.folder(ROOT),
        "data",
        "Folder for the database, the media and the secret key; relative to the project.",
    ),
    Variable(
        "STUDIO_SECRET_KEY",
        parsers.secrets,
        "",
        "Secret behind sessions and the encryption of provider keys, 32 characters or more; several may be "
        "given, comma-separated, newest first. Default: made once, kept in `STUDIO_DATA/secret_key` (mode "
        "0600).",
    ),
    Variable(
        "STUDIO_PUBLIC_URL",
        parsers.optional_url,
        "",
        "Address under which browsers and providers reach Studio, such as `https://studio.example.com`. Turns "
        "on secure cookies (when https), provider webhooks, and signed addresses by which a provider fetches a "
        "job's reference images.",
    ),
    Variable(
        "STUDIO_SIGNUP",
        parsers.one_of("open", "invite", "closed"),
        "open",
        "Who may sign up: anyone (`open`), people whom the operator invited (`invite`), nobody (`closed`). "
        "The first account can always be made and is the operator.",
    ),
    Variable(
        "STUDIO_PRIVATE_HOSTS",
        parsers.hosts,
        "",
        "Hosts or networks, comma-separated, that outgoing requests may reach besides public addresses, such "
        "as `gpu.internal,10.0.0.0/8`.",
    ),
    Variable(
        "STUDIO_PUBLIC_LINKS",
        parsers.flag,
        "1",
        "Whether people may send links that open for anyone. Off, those that exist are closed as well.",
    ),
    Variable(
        "STUDIO_LONGEST_LINK",
        parsers.count(0, 3650),
        "0",
        "Days after which a link that somebody sends ends at the latest; 0 is no limit.",
    ),
    Variable(
        "STUDIO_WAYSCLOUD_GPU_URL",
        parsers.base_url,
        "https://api.wayscloud.services",
        "Base of WAYSCloud GPU Studio, without the API's path.",
    ),
    Variable(
        "STUDIO_WAYSCLOUD_LLM_URL",
        parsers.base_url,
        "https://api.wayscloud.services",
        "Base of the WAYSCloud LLM API, without the API's path.",
    ),
    Variable(
        "STUDIO_WAVESPEED_URL",
        parsers.base_url,
        "https://api.wavespeed.ai",
        "Base of WaveSpeedAI, without the API's path.",
    ),
    Variable(
        "STUDIO_NANOBANANA_URL",
        parsers.base_url,
        "https://imgeditor.co",
        "Base of the Nano Banana API, without the API's path.",
    ),
    Variable(
        "STUDIO_ENGINE_URL",
        parsers.optional_url,
        "",
        "Base of the built-in engine. `manage.py up` starts one and sets this itself.",
    ),
    Variable(
        "STUDIO_ENGINE_TOKEN", parsers.text, "", "Key of the built-in engine. `manage.py up` makes one at each start."
    ),
    Variable(
        "STUDIO_CHAT_URL",
        parsers.optional_url,
        "",
        "Base of the built-in chat model, without `/v1`. `manage.py up` starts one and sets this itself.",
    ),
    Variable(
        "STUDIO_CHAT_TOKEN", parsers.text, "", "Key of the built-in chat model. `manage.py up` makes one at each start."
    ),
    Variable(
        "STUDIO_BUILTIN_CHAT",
        parsers.flag,
        "1",
        "Whether `manage.py up` starts the built-in chat model, where it is installed.",
    ),
    Variable("STUDIO_HOST", parsers.interface, "127.0.0.1", "Interface the web server listens on."),
    Variable("PORT", parsers.port, "8000", "Port the web server listens on."),
    Variable("STUDIO_DEBUG", parsers.flag, "0", "Django's debug pages. Never on where others can reach it."),
    Variable(
        "STUDIO_LOG_FORMAT",
        parsers.one_of("auto", "text", "json"),
        "auto",
        "One line an event, as `text` or `json`; `auto` is text in a terminal, JSON elsewhere.",
    ),
    Variable(
        "STUDIO_IMPORT_MB",
        parsers.count(1, 1_000_000),
        "4096",
        "Largest upload to import into the gallery, in MB.",
    ),
    Variable("STUDIO_WORKERS", parsers.count(2, 32), "3", "Processes of the background worker."),
    Variable(
        "DATABASE_URL",
        parsers.database_url,
        "",
        "PostgreSQL (`postgresql://user:password@host/name`) instead of SQLite in `STUDIO_DATA`.",
    ),
    Variable(
        "REDIS_URL",
        parsers.server_url("redis", "rediss", "unix"),
        "",
        "Redis (`redis://host:6379/0`) for the queue and the cache instead of the database and memory.",
    ),
    Variable(
        "STUDIO_EMAIL_URL",
        parsers.email_url,
        "",
        "Mail server, such as `smtp+tls://user:password@mail.example.com:587`, or `console://`. Default: mail "
        "is written to `STUDIO_DATA/mail`.",
    ),
    Variable("STUDIO_EMAIL_FROM", parsers.address, "studio@localhost", "Sender of Studio's mail."),
    Variable(
        "STUDIO_VAPID_KEY",
        parsers.signing_key,
        "",
        "Private key (P-256, 32 bytes as base64url) that notices to browsers are signed with. Default: made once, "
        "kept encrypted in the database.",
    ),
    Variable(
        "STUDIO_AUDIT_DAYS", parsers.count(1, 36_500), "365", "For how many days the audit log is kept, from 1 up."
    ),
    Variable(
        "STUDIO_OIDC_ISSUER",
        parsers.optional_url,
        "",
        "Address of the team's identity provider (OpenID Connect), such as `https://login.example.com/realms/team`. "
        "Turns sign-in by it on; its redirect address is `/account/oidc/team/login/callback/`.",
    ),
    Variable("STUDIO_OIDC_CLIENT_ID", parsers.text, "", "Studio's client id there."),
    Variable("STUDIO_OIDC_CLIENT_SECRET", parsers.text, "", "Studio's client secret there; none for a public client."),
    Variable("STUDIO_OIDC_NAME", parsers.text, "Single sign-on", "What people call the identity provider."),
    Variable(
        "STUDIO_OIDC_ONLY",
        parsers.flag,
        "0",
        "Whether people sign in and up by the identity provider alone. The operator still may by password.",
    ),
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


def oidc_app(values: Mapping[str, Any]) -> dict[str, Any]:
    """The team's identity provider as allauth wants it; empty where there is none."""
    if not values["STUDIO_OIDC_ISSUER"]:
        return {}
    if not values["STUDIO_OIDC_CLIENT_ID"]:
        raise ImproperlyConfigured("STUDIO_OIDC_CLIENT_ID must be set with STUDIO_OIDC_ISSUER.")
    return {
        "provider_id": "team",
        "name": values["STUDIO_OIDC_NAME"],
        "client_id": values["STUDIO_OIDC_CLIENT_ID"],
        "secret": values["STUDIO_OIDC_CLIENT_SECRET"],
        "settings": {"server_url": values["STUDIO_OIDC_ISSUER"], "oauth_pkce_enabled": True},
    }


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
