"""Where outgoing requests may go: public addresses, and what the operator allows besides.

A name is resolved once, every address it has is judged, and the connection goes to a judged address itself, so a
name that changes its answer in between (DNS rebinding) gains nothing. TLS still verifies the name.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlsplit

import httpcore
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]
Failures = tuple[type[Exception], ...]
AddrInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

FEW = httpx.Limits(max_connections=20, max_keepalive_connections=5, keepalive_expiry=30)
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Some Python releases call these global.
NOT_PUBLIC: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # IETF protocol assignments
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv6Network("2001::/23"),  # IETF protocol assignments, Teredo among them
    ipaddress.IPv6Network("3fff::/20"),  # documentation
)


class FetchError(Exception):
    """What kept us from fetching something, in words for people."""


class Forbidden(FetchError):
    """The address is not one that outgoing requests may reach. Nothing was sent."""


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, seen through what IPv6 wraps around IPv4."""
    if (wrapped := _wrapped_v4(address)) is not None:
        return is_public(wrapped)
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST_V6:
        return False
    return address.is_global and not address.is_multicast and not any(address in net for net in NOT_PUBLIC)


def _wrapped_v4(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


@dataclass(frozen=True)
class Allowance:
    """One thing the operator allows: a host name or a network, on one port or on all of them."""

    target: str | Network
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """`gpu.internal`, `10.0.0.0/8`, `127.0.0.1`, each with or without `:port`, or `http://gpu.internal:8000`."""
        try:
            return cls._parse(text.strip())
        except ValueError:
            raise ValueError(f"{text!r} is not a host, a network or an origin such as http://host:port.") from None

    @classmethod
    def _parse(cls, text: str) -> "Allowance":
        with suppress(ValueError):
            return cls(ipaddress.ip_network(text, strict=False))
        scheme, _, authority = text.rpartition("://")
        parts = urlsplit(f"//{authority.rstrip('/') if scheme else authority}")
        if "@" in text or parts.path or parts.query or parts.fragment or not parts.hostname:
            raise ValueError
        port = parts.port if not scheme else parts.port or DEFAULT_PORTS.get(scheme)
        if scheme and port is None:
            raise ValueError
        with suppress(ValueError):
            return cls(ipaddress.ip_network(parts.hostname), port)
        if not _is_host(parts.hostname):
            raise ValueError
        return cls(_plain(parts.hostname), port)

    def covers(self, host: str, port: int, address: Address) -> bool:
        if isinstance(self.target, str):
            return self.covers_name(host, port)
        return self.port in (None, port) and (_wrapped_v4(address) or address) in self.target

    def covers_name(self, host: str, port: int) -> bool:
        return self.port in (None, port) and self.target == host


class Egress:
    """Judges addresses. Holds no connection and sends nothing, so one serves every client.

    `allowed` are texts as `Allowance.parse` reads them; raises `ValueError` with the one that it cannot read.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = [Allowance.parse(text) for text in allowed]

    def check_url(self, url: str | httpx.URL) -> None:
        """Raises `Forbidden` for what can be told without resolving: scheme, user info, an address as the host.

        To answer in a form. It need not be called before sending: the transports below judge what they dial.
        """
        parsed = web_address(url)
        with suppress(ValueError):  # a name, as a rule: judged when it is resolved
            ipaddress.ip_address(parsed.host)
            self.judge(parsed.host, parsed.port or DEFAULT_PORTS[parsed.scheme], [parsed.host])

    def names(self, url: httpx.URL) -> bool:
        """Whether the operator allows its host as it is written, by name or by address; nothing is resolved."""
        port = url.port or DEFAULT_PORTS[url.scheme]
        try:
            address = ipaddress.ip_address(url.host)
        except ValueError:
            return any(allowance.covers_name(_plain(url.host), port) for allowance in self._allowed)
        return any(allowance.covers(url.host, port, address) for allowance in self._allowed)

    def judge(self, host: str, port: int, addresses: Sequence[str]) -> list[str]:
        """The addresses, each once, if every one of them may be reached; raises `Forbidden`."""
        for address in addresses:
            if not self._may_reach(_plain(host), port, ipaddress.ip_address(address)):
                raise Forbidden(f"{host} is a private address, which this server may not call.")
        return list(dict.fromkeys(addresses))

    def _may_reach(self, host: str, port: int, address: Address) -> bool:
        return is_public(address) or any(allowance.covers(host, port, address) for allowance in self._allowed)

    def attempts(self, host: str, port: int, found: Iterable[AddrInfo]) -> Iterator[tuple[str, Failures]]:
        """The judged addresses in order, each with the failures after which the next one is worth trying."""
        addresses = self.judge(host, port, [str(info[4][0]) for info in found])
        for address in addresses[:-1]:
            yield address, (httpcore.ConnectError, httpcore.ConnectTimeout)
        yield addresses[-1], ()


def web_address(url: str | httpx.URL) -> httpx.URL:
    """The parsed address of a page or file; raises `Forbidden` for anything else, and when it holds a password."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise Forbidden("This is not a web address.") from None
    if parsed.scheme not in DEFAULT_PORTS or not _is_host(parsed.raw_host.decode()):
        raise Forbidden("Only http:// and https:// addresses can be fetched.")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise Forbidden("This address has a port that does not exist.")
    if parsed.userinfo:
        raise Forbidden("An address with a user name or password in it is not fetched.")
    return parsed


def _is_host(text: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(text)
        return True
    return HOST_NAME.fullmatch(_plain(text)) is not None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


@contextmanager
def _resolving(host: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"Looking {host} up took too long.") from error
    except (socket.gaierror, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} was not found.") from error


class AsyncDialer(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, by judged addresses only."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        with _resolving(host):
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for address, survivable in self._egress.attempts(host, port, found):
            with suppress(*survivable):
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        raise AssertionError("The last attempt returns or raises.")


class Dialer(httpcore.NetworkBackend):
    """The same for threads."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        with _resolving(host):
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for address, survivable in self._egress.attempts(host, port, found):
            with suppress(*survivable):
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        raise AssertionError("The last attempt returns or raises.")


class AiohttpResolver(AbstractResolver):
    """aiohttp's name resolution, by judged addresses only.

    aiohttp does not resolve a host that is an address already: call `Egress.check_url` before such a request.
    """

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        self._egress.judge(host, port, [str(info[4][0]) for info in found])
        return [
            ResolveResult(
                hostname=host,
                host=str(sockaddr[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, protocol, _, sockaddr in found
        ]

    async def close(self) -> None:
        pass


class PoolOptions(TypedDict):
    ssl_context: ssl.SSLContext
    max_connections: int | None
    max_keepalive_connections: int | None
    keepalive_expiry: float | None


def _pool_options(limits: httpx.Limits, verify: ssl.SSLContext | bool) -> PoolOptions:
    return PoolOptions(
        ssl_context=verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context(verify=verify),
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        keepalive_expiry=limits.keepalive_expiry,
    )


class AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on a pool that dials by judged addresses only.

    Give a client `trust_env=False` beside it: a proxy of the environment would resolve names itself.
    """

    def __init__(self, egress: Egress, *, limits: httpx.Limits = FEW, verify: ssl.SSLContext | bool = True) -> None:
        # Not by super(): it cannot be told which network backend its pool shall use.
        self._pool = httpcore.AsyncConnectionPool(**_pool_options(limits, verify), network_backend=AsyncDialer(egress))


class Transport(httpx.HTTPTransport):
    """The same for threads."""

    def __init__(self, egress: Egress, *, limits: httpx.Limits = FEW, verify: ssl.SSLContext | bool = True) -> None:
        self._pool = httpcore.ConnectionPool(**_pool_options(limits, verify), network_backend=Dialer(egress))
