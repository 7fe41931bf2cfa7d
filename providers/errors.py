"""How a call of an outside service fails."""

from __future__ import annotations

from math import ceil
from typing import Any

from domain.errors import CatalogError, Code


class ProviderError(CatalogError):
    """A call has failed; the message is for people and has no secret, no query and nothing of the answer in it.

    retry_after: seconds after which it makes sense to call again, where that is known; is_transient: it may go better
    later; is_repeated: at once even, so that the client itself tries again; status: of the answer, if there was one."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        retry_after: float | None = None,
        is_transient: bool = False,
        is_repeated: bool = False,
        was_sent: bool = True,
        was_taken: bool = True,
        status: int | None = None,
    ) -> None:
        super().__init__(code, message)
        self.extensions: dict[str, Any] = {"code": code.value}
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.is_transient = is_transient or is_repeated
        self.is_repeated = is_repeated
        self.was_sent = was_sent
        self.was_taken = was_taken and was_sent
        self.status = status
        if retry_after is not None:
            self.extensions["retryAfter"] = ceil(retry_after)

    @property
    def is_withheld(self) -> bool:
        """Whether the call was not made, or not taken, since the service is to be left alone for a while."""
        return self.retry_after is not None and not self.was_taken
