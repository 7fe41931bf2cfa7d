"""Which addresses may be connected to: checked where a socket is made, whatever name, redirect or answer of the DNS has
led to it."""

from __future__ import annotations

import ipaddress
import socket
from contextvars import ContextVar
from dataclasses import dataclass, field

from aiohttp import AddrInfoType
from yarl import URL

from domain.errors import Code
from providers.errors import ProviderError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Nobody's service is there, but the data of a cloud's own machines is.
NEVER = [
    ipaddress.ip_network(text)
    for text in (
        *("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128"),
        *("168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"),  # of Azure, Alibaba, Oracle
    )
]
# What `ipaddress` calls global and is none: site-local, for documentation, protocols and relays. Tunnels of Teredo lead
# to any IPv4 address.
NOT_GLOBAL = [
    ipaddress.ip_network(text) for text in ("fec0::/10", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "2001::/32")
]


@dataclass(slots=True)
class AddressRule:
    """Which addresses a request may be sent to. refused: those that it was not; was_sent, fault: providers/session.py
    notes them."""

    allows_private: bool
    refused: list[str] = field(default_factory=list)
    was_sent: bool = False
    fault: Exception | None = None


# Of the request that a socket is made for. Without one only public addresses are connected to.
RULE: ContextVar[AddressRule | None] = ContextVar("address rule", default=None)


class RefusedAddress(OSError):
    """In place of a socket. An OSError, so that the other addresses of the name are tried."""


def make_socket(info: AddrInfoType) -> socket.socket:
    """The socket of a connection (aiohttp's socket_factory), or RefusedAddress."""
    family, kind, protocol, _, address = info
    rule = RULE.get() or AddressRule(False)
    if not is_allowed(str(address[0]), rule.allows_private):
        rule.refused.append(str(address[0]))
        raise RefusedAddress("address not allowed")
    return socket.socket(family, kind, protocol)


def is_allowed(text: str, allows_private: bool) -> bool:
    """Whether an address may be connected to. private: of a private network or of this machine; other special ones
    (link-local, unspecified, multicast, reserved) never are."""
    address = real_address(ipaddress.ip_address(text.partition("%")[0]))
    if any(address in network for network in NEVER) or address.is_multicast or address.is_unspecified:
        return False
    if address.is_loopback:
        return allows_private
    if address.is_reserved:
        return False
    return allows_private or (address.is_global and not any(address in network for network in NOT_GLOBAL))


def real_address(address: Address) -> Address:
    """The IPv4 address within an IPv6 one that stands for it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def check_url(url: URL) -> URL:
    """ProviderError for what is no plain http(s) address."""
    if url.scheme not in ("http", "https") or not url.host or url.port == 0:
        raise ProviderError(Code.ADDRESS_NOT_ALLOWED, "Only addresses with http or https are called.", was_sent=False)
    if url.user is not None or url.password is not None:
        raise ProviderError(
            Code.ADDRESS_NOT_ALLOWED, "An address with a user or password in it is not called.", was_sent=False
        )
    return url
