"""Where a key with an address may lead: over real sockets, by names that turn out to be private ones."""

import asyncio
import socket

import httpx
import pytest

from accounts import keys
from accounts.connect import connect
from accounts.keys import Status
from accounts.models import ProviderKey
from studio.providers import streaming
from studio.providers.base import ProviderError
from studio.providers.chat import ChatMessage, ChatSpec
from studio.providers.transports import Transports, process_transports
from tests.fake_llm import FakeLlm, serve_in_thread
from tests.providers.loopback import answer, raw_server

SECRET = "sk-own-0123456789abcdef"
NAME = "models.example.com"
SPEC = ChatSpec("fake-small", (ChatMessage("user", "[fast] Hello"),))


@pytest.fixture(scope="module")
def _llm():
    with serve_in_thread() as llm:
        yield llm


@pytest.fixture
def llm(_llm: FakeLlm) -> FakeLlm:
    _llm.reset()
    return _llm


@pytest.fixture(autouse=True)
def _a_name_for_loopback(monkeypatch):
    """In the DNS of whoever gave the address, its name is that of this very machine."""
    real = socket.getaddrinfo

    def resolve(host, *args, **options):
        return real("127.0.0.1" if host == NAME else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def key_for(owner, host: str, port: int) -> ProviderKey:
    key = ProviderKey(owner=owner, provider="openai", label="Home", base_url=f"http://{host}:{port}/v1")
    key.conceal(SECRET)
    key.save()
    return key


def port_of(server) -> int:
    return int(server.url.rpartition(":")[2])


def stream(key: ProviderKey) -> str:
    """The whole reply, as the desk would receive it."""

    async def read() -> str:
        async with Transports() as transports:
            provider = connect(key.provider, key, transports)
            return "".join([delta.text async for delta in streaming.chat(provider, SPEC)])

    return asyncio.run(read())


# Besides the name: how else one can write "this machine". aiohttp takes the odd ones for no address at all.
ODD = ["2130706433", "127.1"]
PLACES = [NAME, "localhost", "127.0.0.1", "0x7f000001", "[::ffff:127.0.0.1]", *ODD]


@pytest.mark.parametrize("host", PLACES)
def test_a_private_address_gets_nothing_by_whatever_name(alice, llm, host):
    key = key_for(alice, host, port_of(llm))
    with pytest.raises(ProviderError) as refused:
        connect(key.provider, key, process_transports()).catalogue()
    assert "private address" in refused.value.message
    assert refused.value.sent is False
    with pytest.raises(ProviderError) as refused:
        stream(key)
    assert host in ODD or ("private address" in refused.value.message and not refused.value.sent)
    assert not llm.requests


def test_a_name_that_leads_inside_is_not_saved_and_the_words_say_what_to_do(as_alice, as_operator, llm):
    form = {"label": "Home", "address": f"http://{NAME}:{port_of(llm)}", "secret": SECRET}
    theirs = as_alice.post("/keys/add/openai/", form).text
    mine = as_operator.post("/keys/add/openai/", form).text
    assert "Ask the operator to allow it." in theirs
    assert f"add {NAME}:{port_of(llm)} to STUDIO_PRIVATE_HOSTS" in mine
    assert not ProviderKey.objects.exists()
    assert not llm.requests


@pytest.mark.parametrize("host", [NAME, "localhost", "127.0.0.1"])
def test_what_the_operator_allows_is_reached(alice, llm, settings, host):
    settings.PRIVATE_HOSTS = [f"{host}:{port_of(llm)}"]
    key = key_for(alice, host, port_of(llm))
    assert keys.ask(key).status == Status.ACCEPTED
    assert stream(key)
    assert {exchange.key for exchange in llm.exchanges} == {SECRET}


def test_what_is_allowed_is_that_port_alone(alice, llm, settings):
    settings.PRIVATE_HOSTS = [f"{NAME}:{port_of(llm) + 1}"]
    assert keys.ask(key_for(alice, NAME, port_of(llm))).refused
    assert not llm.requests


def test_a_redirect_is_not_followed(alice, llm, settings):
    """Neither with the key nor without: a server that may be called must not choose another one."""
    location = f"{llm.url}/v1/models"
    with raw_server(lambda raw, connection: _redirect(raw, connection, location)) as raw:
        settings.PRIVATE_HOSTS = [f"127.0.0.1:{raw.port}", f"127.0.0.1:{port_of(llm)}"]
        key = key_for(alice, "127.0.0.1", raw.port)
        for attempt in (lambda: connect(key.provider, key, process_transports()).catalogue(), lambda: stream(key)):
            with pytest.raises(ProviderError):
                attempt()
        assert keys.ask(key).status == Status.UNTESTED
    assert len(raw.requests) >= 3
    assert not llm.requests


def _redirect(raw, connection, location: str) -> None:
    raw.received(connection)
    connection.sendall(answer(status="307 Temporary Redirect", Location=location))


def test_a_proxy_of_the_environment_is_not_asked_to_go_there(alice, llm, monkeypatch):
    """It would resolve the name itself."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, llm.url)
    key = key_for(alice, NAME, 9)
    for attempt in (lambda: connect(key.provider, key, process_transports()).catalogue(), lambda: stream(key)):
        with pytest.raises(ProviderError):
            attempt()
    assert not llm.requests


def test_only_keys_with_an_address_go_by_guarded_connections(alice, settings):
    """What the operator configured is the operator's: it may be anywhere."""
    transports = Transports()
    own, service = key_for(alice, NAME, 9), ProviderKey(owner=alice, provider="wayscloud-llm", label="Main")
    service.conceal("wayscloud_llm_x")
    guarded = transports.guarded(settings.PRIVATE_HOSTS)
    assert connect("openai", own, transports).transports is guarded
    assert connect("wayscloud-llm", service, transports).transports is transports
    assert connect("local-chat", None, transports).transports is transports
    assert isinstance(guarded.views, httpx.HTTPTransport)
    transports.close()
