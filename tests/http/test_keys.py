"""Keys: what can be one, how a request sends it, and that comparing tells nothing."""

from __future__ import annotations

import hmac
import re

import pytest

from app.http.keys import LONGEST, SHORTEST, AccessKey, Keys, bearer, credentials, new_key, read_keys

ONE, OTHER = "k" * SHORTEST, "q" * LONGEST


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ONE, (ONE,)),
        (f" {ONE} ", (ONE,)),
        (f"{ONE},{OTHER}", (ONE, OTHER)),
        (f"{ONE},\n {OTHER},", (ONE, OTHER)),
        ("aB9-._~+/aB9-._~+/==", ("aB9-._~+/aB9-._~+/==",)),
    ],
)
def test_keys_are_read_from_a_list_with_commas(text: str, found: tuple[str, ...]) -> None:
    assert read_keys(text) == tuple(map(AccessKey, found))


def test_keys_may_have_names() -> None:
    assert read_keys(f"ann@example.com:{ONE}, {OTHER}, Zoë:{'z' * 20}") == (
        AccessKey(ONE, "ann@example.com"),
        AccessKey(OTHER, None),
        AccessKey("z" * 20, "Zoë"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",", "holds no key"),
        (" , ", "holds no key"),
        (ONE[1:], "the key has 15 characters"),
        (OTHER + "q", "the key has 257 characters"),
        (f"{ONE},short", "key 2 of 2 has 5 characters"),
        (f"{ONE},{ONE}", "holds one key twice"),
        (f"ann:{ONE},eve:{ONE}", "holds one key twice"),
        (f":{ONE}", "the name of the key is not 1 to 64 letters, digits and -._@"),
        (f"{ONE},{'n' * 65}:{OTHER}", "the name of key 2 of 2 is not 1 to 64 letters, digits and -._@"),
        (f"two words:{ONE}", "the name of the key is not 1 to 64 letters, digits and -._@"),
        ("ann:", "the key has 0 characters"),
        (f"ann:eve:{ONE}", "the key has a character that is no letter, no digit and none of -._~+/"),
        ("two words of 16 letters", "the key has a character that is no letter, no digit and none of -._~+/"),
        ("schlüsselschlüssel", "the key has a character that is no letter, no digit and none of -._~+/"),
        ("٣" * SHORTEST, "the key has a character that is no letter, no digit and none of -._~+/"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_being_shown(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        read_keys(text)


def test_new_keys_can_be_used_and_differ() -> None:
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(read_keys(key) == (AccessKey(key),) and len(key) == 43 for key in made)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", b"abc"),
        ("bearer abc", b"abc"),
        ("BEARER   abc  ", b"abc"),
        ("Bearer ", b""),
        ("Bearer", b""),
        ("Bearer a b", b"a b"),
        ("Basic abc", None),
        ("abc", None),
        ("", None),
        ("Bearer\tabc", None),
        ("Bearerabc", None),
    ],
)
def test_the_token_is_read_from_one_bearer_header(header: str, token: bytes | None) -> None:
    assert bearer(credentials([(b"host", b"x"), (b"authorization", header.encode())])) == token


def test_no_header_and_two_headers_hold_no_token() -> None:
    right = (b"authorization", b"Bearer abc")
    assert bearer(credentials([(b"host", b"x")])) is None
    assert bearer(credentials([right, right])) is None


def test_a_key_is_held_and_whatever_is_like_it_is_not() -> None:
    held = Keys([AccessKey(ONE), AccessKey(OTHER)])
    assert len(held) == 2
    assert held.hold(ONE.encode())
    assert held.hold(OTHER.encode())
    for other in (b"", ONE[1:].encode(), f"{ONE}k".encode(), ONE.upper().encode(), f"{ONE},{OTHER}".encode(), b"\xff"):
        assert not held.hold(other), other
    assert not Keys([]).hold(b"")


def test_every_key_is_compared_whichever_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def note(given: bytes, known: bytes) -> bool:
        compared.append((given, known))
        return compare(given, known)

    monkeypatch.setattr(hmac, "compare_digest", note)
    held = Keys(map(AccessKey, (ONE, OTHER, "z" * 20)))
    for sent in (ONE, OTHER, "z" * 20, "none of them"):
        compared.clear()
        held.hold(sent.encode())
        assert len(compared) == 3, sent
        assert {len(side) for pair in compared for side in pair} == {32}  # hashes: no length is told


def test_the_keys_themselves_are_not_kept() -> None:
    held = Keys([AccessKey(ONE, "ann")])
    assert ONE not in repr(vars(held)) + repr(held) + repr(AccessKey(ONE, "ann"))


def test_a_key_tells_its_name() -> None:
    held = Keys([AccessKey(ONE, "ann"), AccessKey(OTHER)])
    assert [held.name(token.encode()) for token in (ONE, OTHER, "another")] == ["ann", None, None]
    assert held.have_names
    assert not Keys([AccessKey(OTHER)]).have_names
