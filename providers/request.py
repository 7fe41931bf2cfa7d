"""What is sent: the address, the headers and the body of a call, with what is secret where it belongs alone."""

from __future__ import annotations

from urllib.parse import unquote

import aiohttp
import orjson
from yarl import URL

from domain.errors import Code
from providers.address import check_url
from providers.body import ACCEPT_ENCODING
from providers.errors import ProviderError
from providers.provider import Call, Provider, Timeouts

# They are sent to the host that they were meant for, and to no other.
OWN_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
# aiohttp takes 0 for "as long as it takes".
SHORTEST_TIMEOUT = 0.001
HTTPS_PORT = 443


def first_url(provider: Provider, call: Call) -> URL:
    """ProviderError for what is no plain address, or no path of the provider."""
    if call.path.startswith(("http://", "https://")):
        try:
            url = URL(call.path)
        except ValueError:
            raise refused_address(provider.name) from None
    else:
        url = url_of_path(provider, call.path)
    query = {name: str(value) for name, value in call.params.items()}
    if provider.key is not None and provider.key_parameter is not None and is_own_origin(provider, url):
        query[provider.key_parameter] = provider.key.reveal()
    return check_url(url.update_query(query) if query else url)


def url_of_path(provider: Provider, path: str) -> URL:
    """Below the provider's own address, however the path is written: `..` may be hidden in it."""
    base = URL(provider.base_url.rstrip("/"))
    is_plain = path.startswith("/") and path.isprintable() and not set("?#\\") & set(path)
    if is_plain and ".." not in unquote(path).split("/"):
        url = URL(f"{base}{path}")
        if url.origin() == base.origin() and url.raw_path.startswith(f"{base.raw_path.rstrip('/')}/"):
            return url
    raise ProviderError(Code.ADDRESS_NOT_ALLOWED, f"What is asked of {provider.name} is no path of it.", was_sent=False)


def content_of(provider: Provider, call: Call, url: URL, timeouts: Timeouts) -> dict[str, object]:
    """Headers, body and timeouts, as aiohttp takes them: the key and what else is secret to the provider's own origin
    alone."""
    headers = {"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING, "User-Agent": "Marquee"}
    is_own = is_own_origin(provider, url)
    if is_own:
        headers.update(provider.headers)
    headers.update({k: v for k, v in call.headers.items() if is_own or k.lower() not in OWN_HEADERS})
    data = None
    if call.json is not None:
        data = orjson.dumps(call.json)
        headers["Content-Type"] = "application/json"
    if provider.key is not None and is_own and provider.key_parameter is None:
        headers[provider.key_header] = provider.key_format.format(provider.key.reveal())
    total = max(timeouts.total, SHORTEST_TIMEOUT)
    return {
        "headers": headers,
        "data": data,
        "timeout": aiohttp.ClientTimeout(total=total, connect=min(timeouts.connect, total), sock_read=timeouts.idle),
    }


def is_own_origin(provider: Provider, url: URL) -> bool:
    own = provider.origin
    return (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)


def is_own_host(provider: Provider, url: URL) -> bool:
    """Whether it is the provider's own host, and its port or that of https: what may be private where it is allowed."""
    own = provider.origin
    return url.host == own.host and (url.port == own.port or (url.scheme == "https" and url.port == HTTPS_PORT))


def refused_address(provider: str) -> ProviderError:
    return ProviderError(
        Code.ADDRESS_NOT_ALLOWED,
        f"{provider} leads to an address that is not allowed, such as one of a private network.",
        was_sent=False,
    )
