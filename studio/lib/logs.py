"""Logs: one structured line an event, for people in a terminal and as JSON elsewhere, and never a secret in it.

Everything goes through here, the standard library's loggers too. What is bound with
`with about(request_id=…, job=…, key=…)` is on each line that is written within.
"""

import logging.config
import re
import sys
from collections.abc import Mapping
from datetime import date
from numbers import Number
from pathlib import PurePath
from typing import TextIO
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars, clear_contextvars, merge_contextvars
from structlog.types import EventDict, Processor, WrappedLogger

__all__ = ["about", "clear", "get", "redact", "set_up"]

REDACTED = "[redacted]"
# The last word of a name tells: `api_key`, `X-Api-Key`, `csrftoken`; a bare `key` may also be the id of one.
SECRET_NAME = re.compile(
    r"(^|[^a-z])(key|keys|secret|secrets|password|passwd|passphrase|authorization|credentials?|signature|otp)$"
    r"|(token|cookie|cookies|apikey|sessionid)$",
    re.IGNORECASE,
)
ID = re.compile(r"\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"\bnb_sk_[\w-]+|\bwayscloud_(?:gpu|llm)_[\w-]+|\bsk-[\w-]{8,}|\bBearer\s+[\w.~+/=-]{6,}"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"
    r"|(?<=/s/)[\w-]{16,}|(?<=%2Fs%2F)[\w-]{16,}"  # the address of a link is all that it takes to open it
    r"|(?<=invitations/)[\w-]{16,}|(?<=invitations%2F)[\w-]{16,}|(?<=/notices/mail/stop/)[\w:.%-]+"
    r"|(?<=/inputs/)[\w.-]+(?::|%3A)[\w:.%-]+"  # a signed one; an id has no colon
    r"|\bwhsec_[\w-]+|(?<=/webhooks/)[\w.-]+",  # who knows a job's address may have it looked at
    re.IGNORECASE,
)

about = bound_contextvars
clear = clear_contextvars
get = structlog.get_logger


def set_up(*, json: bool | None = None, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Call once, early. `json` None: JSON unless `stream` (stderr) is a terminal. `level` is a name of `logging`."""
    stream = stream or sys.stderr
    as_json = not stream.isatty() if json is None else json
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            _as_json() if as_json else _for_people(colours=stream.isatty()),
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stream": {"class": "logging.StreamHandler", "stream": stream, "formatter": "line"}},
            "root": {"handlers": ["stream"], "level": level},
            # httpx names every address it asks for, and a provider's addresses may be signed.
            "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
        }
    )


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor. It goes right before the renderer, so that tracebacks have become text."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: object) -> object:
    """What may be written. Objects become their text here, since a renderer's own way would escape our look."""
    if value is None or isinstance(value, Number):
        return value
    if SECRET_NAME.search(name) and not _is_id(value):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    if isinstance(value, UUID | date | PurePath):
        return str(value)
    return SECRET_VALUE.sub(REDACTED, value if isinstance(value, str) else repr(value))


def _is_id(value: object) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and ID.fullmatch(value) is not None)


def _as_json() -> Processor:
    return structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False, default=str)


def _for_people(*, colours: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
