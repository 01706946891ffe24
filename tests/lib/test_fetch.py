import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from studio.lib.fetch import (
    AsyncTransport,
    BadStatus,
    Downloaded,
    Egress,
    FetchError,
    Forbidden,
    TooLarge,
    Truncated,
    Unreachable,
    download,
)

from .loopback import HANG, Loopback, answer, redirect, serving

HERE = Egress(["127.0.0.1"])


def fetch(path: Path, routes: dict[str, Any], url: str = "/file", **options: Any) -> tuple[Downloaded, Loopback]:
    """Downloads from a server that answers by `routes`, in which `{port}` is the server's."""

    async def run() -> tuple[Downloaded, Loopback]:
        filled: dict[str, Any] = {}
        async with serving(filled) as served:
            port = str(served.port).encode()
            filled |= {
                at: said.replace(b"{port}", port) if isinstance(said, bytes) else said for at, said in routes.items()
            }
            transport = AsyncTransport(options.pop("egress", HERE))
            whole = url if "://" in url else served.url(url)
            try:
                settings = {"max_bytes": 1_000_000, "timeout_total": 5} | options
                return await download(transport, whole.replace("{port}", str(served.port)), path, **settings), served
            finally:
                await transport.aclose()

    return asyncio.run(run())


def refused(
    tmp_path: Path, routes: dict[str, Any], kind: type[FetchError], url: str = "/file", **options: Any
) -> FetchError:
    """The error, after which nothing may lie in the folder."""
    with pytest.raises(kind) as caught:
        fetch(tmp_path / "file", routes, url, **options)
    assert os.listdir(tmp_path) == []
    return caught.value


def test_a_file_arrives_whole_and_described(tmp_path: Path):
    body = os.urandom(300_000)
    found, _ = fetch(tmp_path / "file.png", {"/file": answer(body, content_type="image/png")})
    assert found == Downloaded(300_000, hashlib.sha256(body).hexdigest(), "image/png", body[:4096])
    assert (tmp_path / "file.png").read_bytes() == body
    assert os.listdir(tmp_path) == ["file.png"]


def test_a_chunked_file_arrives_whole(tmp_path: Path):
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    found, _ = fetch(tmp_path / "file", {"/file": [head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"]})
    assert found.head == b"abcde"


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb/%7Eme/c~d?X-Sig=a%2bB%2B+/=&x=%e2%82%ac&y='()!*",
        "/a/../b/./c//d?q=/../",
        "/?",
        '/a;b=c,d@e:f$g|h^i`j{k}"<l>[m]',
    ],
)
def test_a_signed_address_is_sent_as_it_was_given(tmp_path: Path, target):
    _, served = fetch(tmp_path / "file", {target: answer(b"x")}, target)
    assert served.targets == [target]


def test_an_address_without_a_path_or_with_letters_of_the_world_is_sent_encoded(tmp_path: Path):
    _, served = fetch(tmp_path / "file", {"/?q=1": answer(b"x")}, "http://127.0.0.1:{port}?q=1#part")
    assert served.targets == ["/?q=1"]
    _, served = fetch(tmp_path / "file", {"/%C3%A9?a=%20": answer(b"x")}, "/é?a= ")
    assert served.targets == ["/%C3%A9?a=%20"]


def test_nothing_is_told_that_was_not_asked_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    routes = {"/file": redirect("/next").replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n"), "/next": answer(b"x")}
    _, served = fetch(tmp_path / "file", routes)
    assert len(served.requests) == 2
    for request in served.requests:
        assert b"cookie" not in request.lower()
        assert b"accept-encoding: identity" in request.lower()


def test_redirects_are_followed_also_relative_ones(tmp_path: Path):
    routes = {
        "/file": redirect("http://127.0.0.1:{port}/a/b?c=%2F"),
        "/a/b?c=%2F": redirect("../d"),
        "/d": answer(b"found"),
    }
    found, _ = fetch(tmp_path / "file", routes)
    assert found.head == b"found"


def test_redirects_end_after_five(tmp_path: Path):
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(5)} | {"/5": answer(b"five")}
    assert fetch(tmp_path / "file", routes, "/0")[0].head == b"five"
    os.remove(tmp_path / "file")
    refused(tmp_path, routes | {"/5": redirect("/0")}, Unreachable, "/0")


def test_headers_stay_with_their_origin(tmp_path: Path):
    headers = {"Authorization": "Bearer secret"}
    _, served = fetch(tmp_path / "file", {"/file": redirect("/own"), "/own": answer(b"x")}, headers=headers)
    assert [b"Bearer secret" in request for request in served.requests] == [True, True]


def test_headers_do_not_follow_to_another_origin(tmp_path: Path, names):
    names({"one.test": ["127.0.0.1"], "two.test": ["127.0.0.1"]})
    routes = {
        "/file": redirect("http://two.test:{port}/two"),
        "/two": redirect("http://one.test:{port}/back"),
        "/back": answer(b"x"),
    }
    headers = {"Authorization": "Bearer secret"}
    _, served = fetch(tmp_path / "file", routes, "http://one.test:{port}/file", headers=headers)
    assert [b"Bearer secret" in request for request in served.requests] == [True, False, False]


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/",
        "http://[::ffff:169.254.169.254]/",
        "http://0.0.0.0:{port}/",
        "http://2130706434/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user:pass@127.0.0.1:{port}/",
        "http://[broken/",
    ],
)
def test_a_redirect_into_the_private_network_is_refused(tmp_path: Path, location):
    refused(tmp_path, {"/file": redirect(location)}, Forbidden, egress=Egress(["127.0.0.1"]))


def test_a_name_that_turns_private_after_the_first_hop_is_refused(tmp_path: Path, names):
    service = names({"turn.test": [["127.0.0.1"], ["10.0.0.1"]]})
    routes = {"/file": redirect("/next")}
    refused(tmp_path, routes, Forbidden, "http://turn.test:{port}/file", egress=Egress(["127.0.0.1"]))
    assert service.asked == ["turn.test", "turn.test"]


def test_a_file_that_says_it_is_too_large_is_not_read(tmp_path: Path):
    lying = answer(b"x" * 50).replace(b"content-length: 50", b"content-length: 5000")
    refused(tmp_path, {"/file": lying}, TooLarge, max_bytes=100)


def test_a_file_that_grows_too_large_is_cut_off(tmp_path: Path):
    head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
    refused(tmp_path, {"/file": [head] + [b"x" * 1000] * 100 + [HANG]}, TooLarge, max_bytes=50_000)


def test_a_file_of_just_the_cap_is_taken(tmp_path: Path):
    assert fetch(tmp_path / "file", {"/file": answer(b"x" * 100)}, max_bytes=100)[0].size == 100


@pytest.mark.parametrize(
    "said",
    [
        answer(b"x" * 50).replace(b"content-length: 50", b"content-length: 60"),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_a_file_that_ends_early_is_truncated(tmp_path: Path, said):
    refused(tmp_path, {"/file": said}, Truncated)


@pytest.mark.parametrize(
    "said", [[HANG], [b"HTTP/1.1 200 OK\r\n", HANG], [answer(b"x" * 9)[:-1], HANG]], ids=["head", "mid", "body"]
)
def test_a_server_that_falls_silent_is_given_up(tmp_path: Path, said):
    refused(tmp_path, {"/file": said}, Unreachable, timeout_total=0.2)


def test_a_closed_port_is_unreachable(tmp_path: Path):
    refused(tmp_path, {}, Unreachable, "http://127.0.0.1:1/")


def test_garbage_is_unreachable(tmp_path: Path):
    refused(tmp_path, {"/file": b"SSH-2.0-OpenSSH\r\n"}, Unreachable)


def test_an_encoding_that_was_not_asked_for_is_refused(tmp_path: Path):
    refused(tmp_path, {"/file": answer(b"x", content_encoding="gzip")}, Unreachable)


def test_another_status_says_which_and_when_to_come_back(tmp_path: Path):
    error = refused(tmp_path, {"/file": answer(status="429 Slow down", retry_after="7")}, BadStatus)
    assert isinstance(error, BadStatus)
    assert (error.status, error.retry_after) == (429, 7)
    for status in ("404 Not Found", "204 No Content", "206 Partial Content", "302 Found", "500 Oh"):
        refused(tmp_path, {"/file": answer(status=status)}, BadStatus)


def test_an_error_does_not_tell_the_signature(tmp_path: Path):
    error = refused(tmp_path, {"/file?sig=hush": answer(status="403 No")}, BadStatus, "/file?sig=hush")
    assert "hush" not in str(error)


def test_a_refused_download_leaves_the_older_file(tmp_path: Path):
    (tmp_path / "file").write_text("older")
    with pytest.raises(TooLarge):
        fetch(tmp_path / "file", {"/file": answer(b"x" * 100)}, max_bytes=10)
    assert (tmp_path / "file").read_text() == "older"
    assert os.listdir(tmp_path) == ["file"]
