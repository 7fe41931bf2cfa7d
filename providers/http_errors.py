"""What failed calls are in our words: faults of connections, and statuses that are no answer."""

from __future__ import annotations

from collections.abc import Collection

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from domain.errors import Code
from providers.errors import ProviderError
from providers.retry import retry_after

# Not implemented, HTTP version not supported, ...: they stay so.
LASTING_STATUSES = frozenset({501, 505, 506, 508, 510, 511})


def error_of_status(
    provider: str, response: aiohttp.ClientResponse, accepts: Collection[int] = ()
) -> ProviderError | None:
    """None for a status that is an answer."""
    status = response.status
    if 200 <= status < 300 or status in accepts:
        return None
    if status == 429:
        return ProviderError(
            Code.PROVIDER_LIMITED,
            f"{provider} says that it was called too often: try again later.",
            retry_after=retry_after(response.headers),
            is_repeated=True,
            was_taken=False,
            status=status,
        )
    if status in (408, 425) or (status >= 500 and status not in LASTING_STATUSES):
        return ProviderError(
            Code.PROVIDER_UNAVAILABLE,
            f"{provider} fails with status {status}: try again later.",
            retry_after=retry_after(response.headers),
            is_repeated=True,
            was_taken=status != 503,
            status=status,
        )
    hint = "refuses the key: check its setting" if status in (401, 403) else f"refuses the call with status {status}"
    return ProviderError(Code.PROVIDER_REFUSED, f"{provider} {hint}.", status=status)


def error_of_fault(provider: str, fault: Exception) -> ProviderError:
    """Of what aiohttp raises. Nothing of its text is told, which may have the whole address in it."""
    if isinstance(fault, aiohttp.ConnectionTimeoutError):
        return ProviderError(
            Code.PROVIDER_TIMEOUT, f"{provider} could not be connected to in time.", is_repeated=True, was_taken=False
        )
    if isinstance(fault, TimeoutError):
        # Tried again it might take as long: whoever calls decides.
        return ProviderError(Code.PROVIDER_TIMEOUT, f"{provider} did not answer in time.", is_transient=True)
    if isinstance(fault, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return ProviderError(
            Code.PROVIDER_UNAVAILABLE, f"{provider} has no certificate that can be trusted.", was_taken=False
        )
    if isinstance(fault, aiohttp.ClientPayloadError) and isinstance(fault.__cause__, ContentEncodingError):
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider} answers with what cannot be decompressed.")
    if isinstance(fault, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return ProviderError(Code.ADDRESS_NOT_ALLOWED, f"{provider} leads to an address that is none.", was_sent=False)
    if isinstance(fault, aiohttp.ClientResponseError):
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider} does not answer as HTTP wants it.")
    if isinstance(fault, ValueError):  # such as a line break in a header
        return ProviderError(Code.BAD_ARGUMENT, f"What is asked of {provider} cannot be sent.", was_sent=False)
    is_unreached = isinstance(fault, aiohttp.ClientConnectorError)
    what = "cannot be reached" if is_unreached else "has ended the connection before its answer was complete"
    return ProviderError(
        Code.PROVIDER_UNAVAILABLE, f"{provider} {what}: try again later.", is_repeated=True, was_taken=not is_unreached
    )
