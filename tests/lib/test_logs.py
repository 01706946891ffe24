import io
import json
import logging
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog

from studio.lib import logs

HUSH = [
    "nb_sk_abcDEF123-_",
    "wayscloud_gpu_abc123",
    "wayscloud_llm_abc123",
    "sk-proj-abcdef123456",
    "Bearer abc.def-123",
]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The root logger's handlers belong to pytest as well: put back what was there."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level
    logs.clear()
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_elsewhere_than_in_a_terminal_a_line_is_json(stream):
    logs.set_up(stream=stream)
    logs.get("studio.jobs").info("job.submitted", job=uuid.UUID(int=7), cost=Decimal("2.00"), path=Path("/a"))
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job.submitted",
        "job": "00000000-0000-0000-0000-000000000007",
        "cost": "2.00",
        "path": "/a",
        "logger": "studio.jobs",
        "level": "info",
    }


def test_for_people_a_line_is_key_and_value(stream):
    logs.set_up(stream=stream, json=False)
    logs.get().warning("job.failed", job=7, reason="no credits")
    (line,) = stream.getvalue().splitlines()
    assert "job.failed" in line
    assert "job=7" in line
    assert "reason='no credits'" in line
    assert "\x1b" not in line


def test_the_standard_librarys_loggers_are_routed_through(stream):
    logs.set_up(stream=stream)
    logging.getLogger("django.request").error("Not found: %s", "/x", extra={"status": 404})
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"], line["status"]) == (
        "Not found: /x",
        "django.request",
        "error",
        404,
    )


def test_what_a_line_is_about_is_on_each_line_within(stream):
    logs.set_up(stream=stream)
    with logs.about(request_id="r1", job=7, key=3):
        logs.get().info("one")
        logging.getLogger("x").info("two")
    logs.get().info("three")
    one, two, three = lines(stream)
    for line in (one, two):
        assert (line["request_id"], line["job"], line["key"]) == ("r1", 7, 3)
    assert "job" not in three


def test_the_level_is_kept(stream):
    logs.set_up(stream=stream, level="WARNING")
    logs.get().info("quiet")
    logging.getLogger("x").debug("quiet")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/s/", "/"),
        ("/team-invitations/", "/accept/"),
        ("/account/login/?next=%2Fteam-invitations%2F", "%2F"),
        ("/invitations/", "/"),
        ("/notices/mail/stop/", "/"),
        ("/inputs/", "/fox.png"),
    ],
)
def test_an_address_that_opens_something_is_written_without_what_opens_it(stream, before, after):
    word = (
        "WyJhIiwxXQ:1tabcd:0123456789abcdefABCDEF-_xyz"
        if before in ("/inputs/", "/notices/mail/stop/")
        else "aB3_-" * 6
    )
    logs.set_up(stream=stream)
    logs.get().info(f"GET {before}{word}{after}", path="/team-invitations/12/revoke/")
    assert lines(stream)[0]["event"] == f"GET {before}{logs.REDACTED}{after}"
    assert lines(stream)[0]["path"] == "/team-invitations/12/revoke/"


@pytest.mark.parametrize("secret", HUSH)
@pytest.mark.parametrize("json_lines", [True, False])
def test_a_secret_is_nowhere_in_a_line(stream, secret, json_lines):
    logs.set_up(stream=stream, json=json_lines)

    class Talkative:
        def __repr__(self) -> str:
            return f"<Client {secret}>"

    log = logs.get()
    log.info(f"sending {secret}", note=f"x {secret} y", deep={"list": [secret, {"a": (secret,)}]}, client=Talkative())
    logging.getLogger("x").warning("sent %s to %s", secret, Talkative())
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        log.exception("failed")
    assert secret.removeprefix("Bearer ") not in stream.getvalue()
    assert logs.REDACTED in stream.getvalue()
    assert "Traceback" in stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "api_key",
        "X-Api-Key",
        "apikey",
        "secret",
        "client_secret",
        "token",
        "csrftoken",
        "access_token",
        "password",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "sessionid",
        "credentials",
        "signature",
    ],
)
def test_a_value_is_redacted_by_its_name(name):
    assert logs.redact(None, "info", {name: "hush"}) == {name: logs.REDACTED}
    assert logs.redact(None, "info", {"headers": {name: "hush"}}) == {"headers": {name: logs.REDACTED}}
    assert logs.redact(None, "info", {name: ["hush"]}) == {name: logs.REDACTED}


def test_ids_and_counts_are_no_secrets():
    identifier = uuid.uuid4()
    event = {
        "key": 7,
        "key_id": "7",
        "tokens": 120,
        "token": None,
        "monkey": "see",
        "idempotency": "x",
        "hint": "nb_sk_…9f2a",
    }
    assert logs.redact(None, "info", dict(event)) == event
    assert logs.redact(None, "info", {"key": identifier}) == {"key": str(identifier)}
    assert logs.redact(None, "info", {"key": str(identifier)}) == {"key": str(identifier)}


def test_plain_words_are_left_alone():
    for words in ("the token bucket is empty", "task-submission", "bearer of news", "a risk-assessment"):
        assert logs.redact(None, "info", {"event": words}) == {"event": words}


def test_the_address_that_a_job_is_called_back_at_is_redacted():
    said = {"event": "Unauthorized: /webhooks/01a1fd2ac06373e98f3be83668b6304c.0H-nY4/", "other": "whsec_a1"}
    event = logs.redact(None, "info", said)
    assert event == {"event": f"Unauthorized: /webhooks/{logs.REDACTED}/", "other": logs.REDACTED}


def test_a_password_in_an_address_is_redacted():
    event = logs.redact(None, "info", {"url": "postgres://studio:hush@db/studio"})
    assert event == {"url": f"postgres://{logs.REDACTED}@db/studio"}


def test_addresses_that_httpx_asks_for_are_not_logged() -> None:
    stream = io.StringIO()
    logs.set_up(json=True, stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://files.example/x?signature=abc")
    assert stream.getvalue() == ""
