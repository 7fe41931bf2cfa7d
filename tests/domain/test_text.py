"""Texts as they are compared: which are one, which are not, in the scripts of the world; orders and addresses."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import fold, printable, shows_nothing, slug, sort_title

ONE = [
    # Latin, Greek, Cyrillic: case and accents do not matter.
    ("Amélie", "AMELIE", "ame\u0301lie", "amélie"),
    ("Straße", "STRASSE", "straſse", "stra\u1e9ee"),
    ("İstanbul", "istanbul", "ISTANBUL", "\u0131stanbul", "i\u0307stanbul"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ", "σισυφοσ", "ΣΙΣΥΦΟΣ"),
    ("Ἀθῆναι", "αθηναι"),
    ("Ёлки", "елки", "е\u0308лки"),
    ("\ufb01lm", "FILM"),
    ("Łódź", "lodz"),
    ("Þór", "thor"),
    # Full and half width, forms of one letter.
    ("パパ", "ﾊﾟﾊﾟ", "ハ\u309aハ\u309a", "ハ\u309cハ\u309c"),
    ("ＡＢＣ　１２", "abc 12"),
    ("Alien³", "alien3"),
    ("한글", unicodedata.normalize("NFD", "한글")),
    ("क़लम", unicodedata.normalize("NFD", "क़लम")),
    # What shows nothing.
    (
        "noir",
        "noir\u200b",
        "\ufeffnoir",
        "no\u00adir",
        "\u202anoir\u202c",
        "no\u2060ir\u200e",
        "n\u034foir",
        "noir\x7f",
    ),
    ("❤", "❤\ufe0f", "❤\ufe0e"),
    ("می\u200cخواهم", "میخواهم"),
    ("क्\u200dष", "क्ष"),
    ("👩\u200d🚀", "👩🚀"),
    # Dashes, apostrophes, quotation marks, spaces.
    (
        "Episode I - Menace",
        "Episode I – Menace",
        "Episode I — Menace",
        "episode i − menace",
        "Episode\u00a0I\u2003‒ Menace",
    ),
    ("Face-Off", "Face\u2010Off", "Face\u2011Off", "Face\uff0dOff", "Face\ufe63Off", "Face\u2e3aOff"),
    ("Hawai'i", "Hawaiʻi", "Hawai’i", "Hawai`i", "Hawai´i", "Hawai′i", "Hawai＇i", "HAWAI‘I"),
    ('"Crocodile" Dundee', "“Crocodile” Dundee", "„Crocodile‟ Dundee", "«Crocodile» Dundee", "″Crocodile‶ Dundee"),
    ("「千」", "“千”", "｢千｣"),
    ("千 〜 尋", "千 ～ 尋", "千 - 尋"),
    (" a \t b\n", "a b", "a\u3000b", "a\u2028b", "a\u2800b"),
]


def flag(region: str) -> str:
    """The flag of a part of a country, which Unicode writes by tags."""
    return "".join(["🏴", *(chr(0xE0000 + ord(letter)) for letter in region), "\U000e007f"])


OTHERS = [
    ("パパ", "ババ", "ハハ"),
    ("パス", "バス", "ハス"),
    ("हिन्दी", "हन्द", "हिन्द"),
    ("ไม่", "ไม้", "ไม"),  # tones of Thai
    ("שָׁלוֹם", "שׂלום", "שלום"),  # points of Hebrew
    ("كَتَبَ", "كُتُب", "كتب"),  # vowels of Arabic
    ("أحمد", "احمد"),
    ("தமிழ்", "தமழ"),
    ("ශ්‍රී", "ශර"),
    ("ー", "一", "-"),
    ("👩", "👨"),
    ("👍🏻", "👍🏿"),
    (flag("gbeng"), flag("gbsct"), flag("gbwls")),
    ("1\u20e3", "1"),
    ('"', "'", "-"),
]


@pytest.mark.parametrize("texts", ONE)
def test_texts_that_people_take_for_one_are_folded_alike(texts: tuple[str, ...]) -> None:
    assert {fold(text) for text in texts} == {fold(texts[0])}


@pytest.mark.parametrize("texts", OTHERS)
def test_texts_that_are_not_one_stay_apart(texts: tuple[str, ...]) -> None:
    assert len({fold(text) for text in texts}) == len(texts)


def test_every_dash_quotation_mark_and_space_of_unicode_is_ascii_s() -> None:
    marks = {"'": set(), '"': set()}  # type: ignore[var-annotated]
    for letter in map(chr, range(0x20000)):
        category = unicodedata.category(letter)
        if category == "Pd":
            assert fold(f"a{letter}b") == "a-b", hex(ord(letter))
        elif category == "Zs":
            assert fold(f"a{letter}b") == "a b", hex(ord(letter))
        elif category in ("Pi", "Pf"):
            marks[fold(f"a{letter}b")[1:-1]].add(letter)
    assert {"‘", "’", "‛", "‹", "›"} == marks["'"]
    assert {"“", "”", "‟", "«", "»"} < marks['"']


@given(st.text(max_size=40))
def test_folding_is_settled_and_does_not_depend_on_the_form(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} == {folded}
    assert unicodedata.is_normalized("NFC", folded)
    assert bool(folded) == bool(text.split())


@given(st.text(st.characters(categories=("L", "N", "P", "Z")), max_size=30))
def test_what_shows_nothing_may_stand_anywhere(text: str) -> None:
    beside = "\u200b".join(["", *text, ""])
    # What shows nothing at all stays as it was written.
    assert fold(beside) == (fold(text) or " ".join(beside.split()))


NOTHING = ("", " \u3000\t", "\u200b", "\ufeff\u00ad", "\u3164", "\u2800", "\U0001d159", "\x01", "\ufe0f", "\u202e")


@pytest.mark.parametrize("text", NOTHING)
def test_texts_that_show_nothing_are_known(text: str) -> None:
    assert shows_nothing(text)
    assert not shows_nothing(text + "a" + text)
    assert not shows_nothing(text + "…")


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("The Matrix", "matrix"),
        ("A Bug's Life", "bug's life"),
        ("an Élan", "elan"),
        ("THE\u00a0END", "end"),
        ("Ｔｈｅ Ｅｎｄ", "end"),
        ("\u200bThe\u200b Matrix", "matrix"),
        ("À bout de souffle", "a bout de souffle"),
        ("A\u0300 bout de souffle", "a bout de souffle"),
        ("Á la carte", "a la carte"),
        ("Ån Sommer", "an sommer"),
        ("A bout de souffle", "bout de souffle"),  # as it was written, without its accent, an English article
        ("The The", "the"),
        ("The", "the"),
        ("A", "a"),
        ("Theatre", "theatre"),
        ("A.I.", "a.i."),
        ("A – Z", "a - z"),
        ("A & B", "a & b"),
        ("The ...", "..."),
        ('"The Matrix" Revisited', 'matrix" revisited'),
        ("“A Film”", 'film"'),
        ("'The' Film", "'the' film"),
        ("L’An Un", "l'an un"),
    ],
)
def test_only_an_english_article_is_passed_over_in_the_order_of_titles(title: str, key: str) -> None:
    assert sort_title(title) == key


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Sci-Fi & Fantasy", "sci-fi-fantasy"),
        ("हिन्दी", "हिन्दी"),
        ("ไม่รัก", "ไม่รัก"),
        ("தமிழ் திரைப்படம்", "தமிழ்-திரைப்படம்"),
        ("日本 アニメ", "日本-アニメ"),
        ("Élan_Vital", "elan-vital"),
        ("❤\ufe0f", "❤"),
        ("❤ noir", "❤-noir"),
        ("?!", "u3f-u21"),
        ("…", "u2e-u2e-u2e"),
    ],
)
def test_an_address_keeps_words_in_one_piece(name: str, address: str) -> None:
    assert slug(name) == address


def test_names_of_signs_alone_have_addresses_of_their_own() -> None:
    names = ["❤", "☆", "👍🏻", "👍🏿", "🇫🇷", "🇩🇪", "♥♥", "!", "?", "!!", "→", "$", "😀"]
    assert len({slug(name) for name in names}) == len(names)
    assert all(slug(name).strip("-") for name in names)


def test_what_would_steer_a_terminal_is_written_as_an_escape() -> None:
    assert printable("a\x1b[31m\n\x7f\x9b\u2028\u202e\u2066\ud800") == (
        "a\\x1b[31m\\n\\x7f\\x9b\\u2028\\u202e\\u2066\\ud800"
    )
    for plain in ("", "Amélie", "வணக்கம்", "👨\u200d👩\u200d👧", "a\u00a0b\u00ad"):
        assert printable(plain) == plain
