import asyncio
import ipaddress

import aiohttp
import httpx
import pytest

from studio.lib.egress import AiohttpResolver, AsyncTransport, Egress, Forbidden, Transport, is_public

from .loopback import answer, certificate, serving


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("100.64.0.1", "169.254.169.254", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "100::1"),
        *("2001:db8::1", "2001:0:4136:e378::1", "3fff::1", "5f00::1", "64:ff9b:1::7f00:1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::10.0.0.1"),
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("allowed", "host", "port", "address"),
    [
        ("10.0.0.0/8", "any.internal", 80, "10.1.2.3"),
        ("10.0.0.0/8", "any.internal", 80, "::ffff:10.1.2.3"),
        ("127.0.0.1", "127.0.0.1", 9000, "127.0.0.1"),
        ("127.0.0.1:9000", "127.0.0.1", 9000, "127.0.0.1"),
        ("[::1]:9000", "::1", 9000, "::1"),
        ("::1", "::1", 80, "::1"),
        ("fd00::/8", "::1", 80, "fd00::5"),
        ("GPU.internal.", "gpu.Internal", 8000, "192.168.0.7"),
        ("gpu.internal:8000", "gpu.internal.", 8000, "192.168.0.7"),
        ("http://gpu.internal:8000/", "gpu.internal", 8000, "192.168.0.7"),
        ("https://gpu.internal", "gpu.internal", 443, "192.168.0.7"),
        ("http://10.0.0.7", "gpu.internal", 80, "10.0.0.7"),
    ],
)
def test_what_the_operator_allows_is_reached(allowed, host, port, address):
    assert Egress([allowed]).judge(host, port, [address]) == [address]


@pytest.mark.parametrize(
    ("allowed", "host", "port", "address"),
    [
        ("10.0.0.0/8", "any.internal", 80, "192.168.0.1"),
        ("127.0.0.1:9000", "127.0.0.1", 9001, "127.0.0.1"),
        ("gpu.internal:8000", "gpu.internal", 22, "192.168.0.7"),
        ("gpu.internal", "other.gpu.internal", 80, "192.168.0.7"),
        ("https://gpu.internal", "gpu.internal", 80, "192.168.0.7"),
    ],
)
def test_and_nothing_beside_it(allowed, host, port, address):
    with pytest.raises(Forbidden, match="private"):
        Egress([allowed]).judge(host, port, [address])


@pytest.mark.parametrize(
    "text", ["", " ", "10.0.0.0/40", "a b", "http://", "gpu:port", "gpu:99999", "ftp://gpu", "http://u@gpu", "gpu/path"]
)
def test_an_allowance_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match=f"{text!r} is not a host"):
        Egress([text])


def test_one_private_address_among_public_ones_refuses_all():
    with pytest.raises(Forbidden):
        Egress().judge("mixed.test", 80, ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        *("", "no address", "//host/x", "http://", "ftp://host/x", "file:///etc/passwd", "gopher://host:70/"),
        *(
            "http://user@host/",
            "http://user:pass@host/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
        ),
        *("https://169.254.169.254/latest/meta-data/", "http://host:99999/", "http://ho st/"),
    ],
)
def test_addresses_that_a_form_refuses_at_once(url):
    with pytest.raises(Forbidden):
        Egress().check_url(url)


def test_names_pass_the_form_and_are_judged_when_dialled():
    Egress().check_url("https://api.example.com/v1")
    Egress().check_url("http://8.8.8.8/")
    Egress(["127.0.0.1"]).check_url("http://127.0.0.1:11434/")


async def get(transport: httpx.AsyncBaseTransport, url: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=5) as client:
        return await client.get(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "127.1", "0"])
def test_loopback_by_any_spelling_is_not_dialled(host):
    async def check() -> None:
        async with serving({}) as served:
            with pytest.raises(Forbidden):
                await get(AsyncTransport(Egress()), served.url("/", host))
            assert served.requests == []

    asyncio.run(check())


def test_a_thread_is_held_to_the_same_judgement():
    async def check() -> None:
        async with serving({"/": answer(b"hello")}) as served:

            def ask(egress: Egress) -> str:
                with httpx.Client(transport=Transport(egress), trust_env=False, timeout=5) as client:
                    return client.get(served.url("/")).text

            with pytest.raises(Forbidden):
                await asyncio.to_thread(ask, Egress())
            assert await asyncio.to_thread(ask, Egress(["127.0.0.1"])) == "hello"

    asyncio.run(check())


def test_a_name_is_resolved_once_and_the_judged_address_is_dialled(names):
    """DNS rebinding: the second answer would lead into the private network."""

    async def check() -> None:
        async with serving({"/": answer(b"hello")}) as served:
            service = names({"rebind.test": [["127.0.0.1"], ["169.254.169.254"]]})
            found = await get(AsyncTransport(Egress(["127.0.0.1"])), served.url("/", "rebind.test"))
            assert found.text == "hello"
            assert service.asked == ["rebind.test"]
            assert b"host: rebind.test" in served.requests[0].lower()

    asyncio.run(check())


def test_a_name_in_the_private_network_is_refused(names):
    names({"inside.test": ["10.0.0.5"]})
    with pytest.raises(Forbidden, match=r"inside\.test"):
        asyncio.run(get(AsyncTransport(Egress()), "http://inside.test/"))


def test_an_unknown_name_is_a_failed_connection(names):
    names({})
    with pytest.raises(httpx.ConnectError, match="not found"):
        asyncio.run(get(AsyncTransport(Egress()), "http://nowhere.test/"))
    with pytest.raises(httpx.ConnectError), httpx.Client(transport=Transport(Egress()), trust_env=False) as client:
        client.get("http://nowhere.test/")


def test_a_dead_address_leads_to_the_next_one(names):
    async def check() -> None:
        async with serving({"/": answer(b"hello")}) as served:
            names({"two.test": ["127.0.0.2", "127.0.0.1"]})  # nothing listens on the first
            found = await get(AsyncTransport(Egress(["127.0.0.0/8"])), served.url("/", "two.test"))
            assert found.text == "hello"

    asyncio.run(check())


def test_tls_still_verifies_the_name(names, tmp_path):
    async def check() -> None:
        server_tls, client_tls = certificate(tmp_path, "files.test")
        egress = Egress(["files.test", "other.test"])
        async with serving({"/": answer(b"hello")}, tls=server_tls) as served:
            names({"files.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})
            url = served.url("/", "{}").replace("http:", "https:")
            found = await get(AsyncTransport(egress, verify=client_tls), url.format("files.test"))
            assert found.text == "hello"
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await get(AsyncTransport(egress, verify=client_tls), url.format("other.test"))

    asyncio.run(check())


def test_aiohttp_resolves_by_the_same_judgement(names):
    async def check() -> None:
        async with serving({"/": answer(b"hello")}) as served:
            names({"inside.test": ["127.0.0.1"]})
            url = served.url("/", "inside.test")

            async def ask(egress: Egress) -> str:
                connector = aiohttp.TCPConnector(resolver=AiohttpResolver(egress))
                async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as response:
                    return await response.text()

            assert await ask(Egress(["inside.test"])) == "hello"
            with pytest.raises(Forbidden):
                await ask(Egress())

    asyncio.run(check())
