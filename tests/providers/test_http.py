"""What becomes of a request on a real socket: whether it may have been acted on, and what never leaves or comes in."""

import asyncio
import gzip
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.providers import flows
from studio.providers.base import JobSpec, ProviderError
from studio.providers.flows import RETRIES
from studio.providers.http import MAX_BODY, HttpProvider
from studio.providers.registry import dialect
from studio.providers.transports import Timeouts, Transports, process_transports
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.fake_provider.gpu import ENGINES, PRESETS, PRICING
from tests.fakes import ROOT
from tests.lib.loopback import certificate

from .loopback import Raw, answer, closed_port, raw_server
from .samples import sample

KEY = "wayscloud_gpu_abc12_SECRET"
SPEC = JobSpec("image", "image-flux-fast", "a red fox")
QUICK = Timeouts(connect=1, view=1, poll=1, submit=1)
JOB = sample("wayscloud_gpu", "job")

Verb = Callable[[HttpProvider], Awaitable[Any]]
submit: Verb = lambda provider: provider.submit(SPEC)  # noqa: E731
status: Verb = lambda provider: provider.status("1", "image")  # noqa: E731
listing: Verb = lambda provider: provider.list_jobs()  # noqa: E731
cancel: Verb = lambda provider: provider.cancel("1", "image")  # noqa: E731
check: Verb = lambda provider: asyncio.to_thread(provider.check)  # noqa: E731
READING = [status, listing, check]
EVERY = [submit, cancel, *READING]
each = pytest.mark.parametrize("verb", EVERY, ids=["submit", "cancel", "status", "list", "check"])


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "backoff", lambda *_, **__: 0.0)


@pytest.fixture(scope="module")
def served() -> Iterator[FakeProvider]:
    with serve_in_thread() as fake:
        yield fake


@pytest.fixture
def fake(served: FakeProvider) -> Iterator[FakeProvider]:
    yield served
    served.clear()
    served.reset()


def ask(
    url: str, *verbs: Verb, key: str = KEY, timeouts: Timeouts = QUICK, name: str = "wayscloud-gpu", **transports: Any
) -> Any:
    """Runs the verbs in turn over the same connections; the last one's result, or the first error."""

    async def run() -> Any:
        async with Transports(**transports) as connections:
            provider = HttpProvider(dialect(name), url, key, connections, timeouts)
            for verb in verbs:
                result = await verb(provider)
            return result

    try:
        return asyncio.run(run())
    except ProviderError as error:
        return error


# -- Whether it may have been acted on ---------------------------------------------------------------------------------
def closes(raw: Raw, connection: socket.socket) -> None:
    """Takes the connection and closes it at once."""


def reads_and_closes(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)


def resets(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def garbage(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    connection.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")


def half_a_head(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: appl")


def half_a_body(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    connection.sendall(answer(JOB)[:-40])


def silent(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    raw.over.wait(20)


def drips(raw: Raw, connection: socket.socket) -> None:
    """A byte now and then: no single read ever times out."""
    raw.received(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not raw.over.wait(0.05):
        connection.sendall(b" ")


def not_gzip(raw: Raw, connection: socket.socket) -> None:
    raw.received(connection)
    connection.sendall(answer(JOB, Content_Encoding="gzip"))


@pytest.mark.parametrize(
    "handle", [closes, reads_and_closes, resets, garbage, half_a_head, half_a_body, silent, drips, not_gzip]
)
def test_a_submit_that_was_lost_on_the_way_is_sent_once(handle: Callable[[Raw, socket.socket], None]) -> None:
    with raw_server(handle) as raw:
        error = ask(raw.url, submit, timeouts=Timeouts(connect=1, submit=0.4))
        assert isinstance(error, ProviderError)
        assert error.sent is True
        assert error.kind == ("malformed" if handle is not_gzip else "unavailable")
        assert raw.connections == 1
        assert len(raw.requests) <= 1


@pytest.mark.parametrize("handle", [closes, reads_and_closes, resets, garbage, half_a_head, half_a_body, silent, drips])
@pytest.mark.parametrize("verb", READING, ids=["status", "list", "check"])
def test_reading_that_was_lost_on_the_way_may_be_repeated(verb: Verb, handle: Callable[..., None]) -> None:
    with raw_server(handle) as raw:
        error = ask(raw.url, verb, timeouts=Timeouts(connect=1, poll=0.2, view=0.2))
        assert isinstance(error, ProviderError)
        assert error.sent is False
        assert error.kind in {"unavailable", "malformed"}
        assert all(request.startswith(b"GET ") for request in raw.requests)


@each
def test_a_refused_connection_was_never_sent(verb: Verb) -> None:
    error = ask(f"http://127.0.0.1:{closed_port()}", verb)
    assert (error.kind, error.sent, error.status) == ("unavailable", False, None)
    assert error.message == "WAYSCloud GPU Studio cannot be reached."


def test_a_submit_is_sent_when_the_provider_comes_up_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    port, up = closed_port(), threading.Event()

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(JOB))

    server = raw_server(handle, port=port)
    started: list[Raw] = []

    def come_up(*_: object, **__: object) -> float:
        if not up.is_set():
            up.set()
            started.append(server.__enter__())
        return 0.0

    monkeypatch.setattr(flows, "backoff", come_up)
    try:
        assert ask(f"http://127.0.0.1:{port}", submit).state == "succeeded"
        assert len(started[0].requests) == 1
    finally:
        server.__exit__(None, None, None)


def test_no_connection_to_be_had_is_never_sent(fake: FakeProvider) -> None:
    fake.fault("create", "hang", prompt="first")

    async def crowd() -> ProviderError:
        async with Transports(submits=1) as transports:
            first, second = (
                HttpProvider(dialect("wayscloud-gpu"), fake.url, KEY, transports, Timeouts(submit=seconds))
                for seconds in (30, 0.2)
            )
            hanging = asyncio.create_task(first.submit(JobSpec("image", "image-flux-fast", "first")))
            await asyncio.sleep(0)  # it takes the only connection
            with pytest.raises(ProviderError) as caught:
                await second.submit(JobSpec("image", "image-flux-fast", "second"))
            hanging.cancel()
            await asyncio.wait([hanging])
            return caught.value

    error = asyncio.run(crowd())
    assert (error.kind, error.sent) == ("unavailable", False)
    assert fake.received["second"] == 0


@each
def test_a_failed_handshake_was_never_sent(verb: Verb, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path, "localhost")
    with raw_server(reads_and_closes, tls=tls) as raw:
        error = ask(f"https://localhost:{raw.port}", verb)
        assert (error.kind, error.sent) == ("unavailable", False)
        assert error.message == "No secure connection to WAYSCloud GPU Studio could be made."
        assert raw.requests == []


def test_a_server_that_speaks_no_tls_was_never_sent_anything() -> None:
    with raw_server(lambda _, connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as raw:
        error = ask(raw.url.replace("http:", "https:"), submit)
        assert (error.kind, error.sent) == ("unavailable", False)
        assert raw.connections == 1 + RETRIES


def test_a_connection_that_breaks_after_the_handshake_may_have_been_acted_on(tmp_path: Path) -> None:
    tls, trusting = certificate(tmp_path, "localhost")
    with raw_server(reads_and_closes, tls=tls) as raw:
        error = ask(f"https://localhost:{raw.port}", submit, verify=trusting)
        assert (error.kind, error.sent) == ("unavailable", True)
        assert len(raw.requests) == 1


def test_a_submit_has_a_connection_of_its_own(fake: FakeProvider) -> None:
    """A server that closes an idle connection just then would leave the submit's outcome unknown."""

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(JOB).replace(b"Connection: close\r\n", b""))
        raw.over.wait(20)

    with raw_server(handle) as raw:
        ask(raw.url, submit, submit)
        assert raw.connections == 2


def test_polls_share_a_connection() -> None:
    def handle(raw: Raw, connection: socket.socket) -> None:
        while raw.received(connection):
            connection.sendall(answer(JOB).replace(b"Connection: close\r\n", b""))

    with raw_server(handle) as raw:
        ask(raw.url, status, status, status)
        assert (raw.connections, len(raw.requests)) == (1, 3)


# -- What the provider does, and what we make of it --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("do", "details", "kind", "sent"),
    [
        ("status", {"status": 400}, "bad_request", False),
        ("status", {"status": 401}, "invalid_key", False),
        ("status", {"status": 402}, "insufficient_credits", False),
        ("status", {"status": 403}, "forbidden", False),
        ("status", {"status": 422}, "bad_request", False),
        ("status", {"status": 429}, "rate_limited", False),
        ("status", {"status": 451}, "content_filtered", False),
        ("status", {"status": 500}, "unavailable", True),
        ("status", {"status": 503}, "unavailable", True),
        ("html", {}, "malformed", True),
        ("html", {"status": 502}, "unavailable", True),
        ("raw", {"body": ""}, "malformed", True),
        ("edit", {"remove": ["id"]}, "malformed", True),
        ("hang", {}, "unavailable", True),
        ("drop", {}, "unavailable", True),
        ("truncate", {}, "unavailable", True),
        ("redirect", {"location": "http://127.0.0.1:9/"}, "malformed", True),
    ],
)
def test_a_submit_that_goes_wrong_is_sent_once(
    fake: FakeProvider, do: str, details: dict[str, Any], kind: str, sent: bool
) -> None:
    fake.fault("create", do, **details)
    error = ask(fake.url, submit, timeouts=Timeouts(submit=0.5))
    assert (error.kind, error.sent) == (kind, sent)
    assert fake.received[SPEC.prompt] == 1


@pytest.mark.parametrize("do", ["hang", "drop", "status", "html"])
def test_a_submit_that_was_acted_on_before_its_answer_was_lost(fake: FakeProvider, do: str) -> None:
    fake.fault("create", do, after=True)
    error = ask(fake.url, submit, timeouts=Timeouts(submit=0.5))
    assert error.sent is True
    assert (fake.received[SPEC.prompt], fake.creates[SPEC.prompt]) == (1, 1)


def test_a_reply_to_a_create_may_be_final(fake: FakeProvider) -> None:
    fake.fault("job", "done")
    assert ask(fake.url, submit).state == "succeeded"


def test_a_job_from_its_create_to_its_end(fake: FakeProvider) -> None:
    async def life(provider: HttpProvider) -> list[Any]:
        made = await provider.submit(SPEC)
        looks = [await provider.status(made.remote_id, "image") for _ in range(2)]
        [listed] = await provider.list_jobs()
        return [made, *looks, listed]

    made, first, second, listed = ask(fake.url, life)
    assert [made.state, first.state, second.state] == ["pending", "running", "succeeded"]
    assert listed == second
    assert second.outputs[0].url.startswith(fake.url)


@pytest.mark.parametrize("answered", [200, 202, 204])
def test_a_cancel(fake: FakeProvider, answered: int) -> None:
    fake.cancel_status = answered

    async def made_and_cancelled(provider: HttpProvider) -> Any:
        return await provider.cancel((await provider.submit(SPEC)).remote_id, "image")

    assert ask(fake.url, made_and_cancelled).state == "cancelled"


def test_a_cancel_that_comes_too_late(fake: FakeProvider) -> None:
    job = fake.add_job(KEY)
    job.finish("completed")
    assert ask(fake.url, lambda provider: provider.cancel(job.id, "image")).state == "succeeded"


@pytest.mark.parametrize("retry_after", [7, "date:7"])
def test_a_refusal_says_when_to_come_back(fake: FakeProvider, retry_after: str | int) -> None:
    fake.fault("status", "status", status=429, retry_after=retry_after)
    error = ask(fake.url, status)
    assert 5 <= error.retry_after <= 7
    assert sum(fake.reads.values()) == 1


@pytest.mark.parametrize(("code", "asked"), [(503, 1 + RETRIES), (429, 1 + RETRIES), (401, 1), (404, 1)])
def test_a_view_asks_again_where_it_may_help(fake: FakeProvider, code: int, asked: int) -> None:
    fake.fault("list", "status", status=code)
    assert ask(fake.url, check).status == code
    assert fake.requests["list"] == asked


def test_a_view_gets_through_in_the_end(fake: FakeProvider) -> None:
    fake.fault("list", "drop", times=1)
    fake.fault("list", "status", status=503, retry_after=0, times=1)
    assert ask(fake.url, check) is None
    assert fake.requests["list"] == 3


def test_the_catalogue_is_what_the_provider_says(fake: FakeProvider) -> None:
    payloads = ask(fake.url, lambda provider: asyncio.to_thread(provider.catalogue))
    assert payloads == {"engines": ENGINES, "presets": PRESETS, "pricing": PRICING}


def test_an_answer_may_be_packed() -> None:
    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(gzip.compress(JOB), Content_Encoding="gzip"))

    for verb in (submit, status):
        with raw_server(handle) as raw:
            assert ask(raw.url, verb).state == "succeeded"


@pytest.mark.parametrize("packed", [False, True])
@each
def test_an_answer_without_end_is_let_go(verb: Verb, packed: bool) -> None:
    body = b" " * (MAX_BODY + 1)
    said = answer(gzip.compress(body), Content_Encoding="gzip") if packed else answer(body)

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(said)

    with raw_server(handle) as raw:
        error = ask(raw.url, verb, timeouts=Timeouts())
        assert (error.kind, error.sent) == ("malformed", verb in (submit, cancel))
        assert raw.connections == 1


# -- The key -----------------------------------------------------------------------------------------------------------
@each
def test_a_redirect_takes_the_key_nowhere(verb: Verb) -> None:
    with raw_server(closes) as elsewhere:

        def handle(raw: Raw, connection: socket.socket) -> None:
            raw.received(connection)
            connection.sendall(answer(status="307 Temporary Redirect", Location=f"{elsewhere.url}/v1/gpu/jobs"))

        with raw_server(handle) as raw:
            error = ask(raw.url, verb)
            assert (error.kind, error.status) == ("malformed", 307)
            assert raw.connections == 1
        assert elsewhere.connections == 0


@each
def test_every_request_carries_the_key_and_no_cookie(verb: Verb) -> None:
    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(b"[]" if verb in (listing, check) else JOB, Set_Cookie="session=1; Path=/"))

    with raw_server(handle) as raw:
        ask(raw.url, verb, verb)
        assert len(raw.requests) >= 2
        for request in raw.requests:
            head = request.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
            assert f"x-api-key: {KEY}".lower().encode() in head
            assert not any(line.startswith(b"cookie:") for line in head)


def test_the_base_may_have_a_path_and_a_slash() -> None:
    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(JOB))

    with raw_server(handle) as raw:
        ask(f"{raw.url}/proxy/", submit, lambda provider: provider.status("a b/~c", "image"))
        assert [request.split(b"\r\n")[0] for request in raw.requests] == [
            b"POST /proxy/v1/gpu/jobs HTTP/1.1",
            b"GET /proxy/v1/gpu/jobs/a%20b%2F~c HTTP/1.1",
        ]
        assert b"content-type: application/json" in raw.requests[0].lower()


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "blåbær", "tab\tbed", "nul\0"])
@each
def test_a_key_that_no_header_can_carry_is_refused_here(verb: Verb, key: str) -> None:
    with raw_server(closes) as raw:
        error = ask(raw.url, verb, key=key)
        assert (error.kind, error.sent) == ("invalid_key", False)
        assert not key.strip() or key not in error.message
        assert raw.connections == 0


def test_only_what_is_open_is_asked_without_a_key(fake: FakeProvider) -> None:
    provider = HttpProvider(dialect("wayscloud-gpu"), fake.url, "", process_transports())
    assert provider.catalogue()["engines"]
    assert not fake.last["engines"]["key"]
    with pytest.raises(ProviderError, match="This is no key"):
        provider.check()
    assert "list" not in fake.last


def test_space_around_a_key_is_dropped(fake: FakeProvider) -> None:
    ask(fake.url, check, key=f" {KEY}\n")
    assert fake.last["list"]["key"] == KEY


@each
def test_a_key_is_in_no_error_and_no_log(verb: Verb, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        body = b'{"detail": "the key %s is wrong", "error": {"code": "%s"}}' % (KEY.encode(), KEY.encode())
        connection.sendall(answer(body, status="401 Unauthorized", X_Echo="no"))

    with raw_server(handle) as raw:
        error = ask(raw.url, verb)
    assert error.kind == "invalid_key"
    said: BaseException | None = error
    while said is not None:
        assert KEY not in f"{said} {said!r}"
        said = said.__cause__ or said.__context__
    assert KEY not in caplog.text


def test_a_key_is_in_no_message_of_a_job(fake: FakeProvider) -> None:
    fake.fault("job", "fail", message=f"the key {KEY} ran dry")

    async def failing(provider: HttpProvider) -> Any:
        made = await provider.submit(SPEC)
        await provider.status(made.remote_id, "image")
        return await provider.status(made.remote_id, "image")

    assert ask(fake.url, failing).message == "the key *** ran dry"


def test_a_provider_shows_no_key_of_itself() -> None:
    with closing(Transports()) as transports:
        provider = HttpProvider(dialect("wayscloud-gpu"), "https://api.example/", KEY, transports)
        assert repr(provider) == "<HttpProvider wayscloud-gpu at https://api.example>"


def test_the_built_in_engine_may_go_without_a_key_and_says_when_it_is_away() -> None:
    error = ask("", submit, key="", name="local")
    assert (error.kind, error.sent, error.message) == ("unavailable", False, "Built-in engine is not running.")
    with raw_server(
        lambda raw, connection: connection.sendall(answer(JOB)) if raw.received(connection) else None
    ) as raw:
        assert ask(raw.url, submit, key="", name="local").ended
        assert b"x-api-key" not in raw.requests[0].lower()


# -- Transports --------------------------------------------------------------------------------------------------------
def test_threads_share_one_set_of_connections() -> None:
    assert process_transports() is process_transports()


def test_a_forked_child_makes_its_own() -> None:
    code = (
        "import os; from studio.providers.transports import process_transports as ours; "
        "mine = ours(); pid = os.fork(); "
        "pid or os._exit(ours() is mine); os._exit(os.waitpid(pid, 0)[1] or ours() is not mine)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_transports_open_nothing_before_they_are_used() -> None:
    Transports().close()
    asyncio.run(Transports().aclose())
