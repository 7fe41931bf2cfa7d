"""Classes of characters that texts are compared by: made from Unicode's categories, with lists of what these lack."""

from __future__ import annotations

import re
import unicodedata
from sys import intern

# Up to here Unicode has punctuation and format characters; what is above is listed.
END = 0x14000
# Some letters each, of which there are thirty: interned, since each call makes a string of its own.
CATEGORIES = [intern(unicodedata.category(chr(code))) for code in range(END)]


def of_category(*categories: str) -> frozenset[str]:
    return frozenset(chr(code) for code, category in enumerate(CATEGORIES) if category in categories)


# Dashes and hyphens: Unicode's, minus signs, and tildes, which Japanese titles write for dashes (wave dash and
# full-width tilde are one key). The prolonged sound mark of katakana is a letter.
DASHES = of_category("Pd") | frozenset("~\u02d7\u2043\u2053\u207b\u208b\u2212\u223c\u2796\uff5e")

# Apostrophes, single quotation marks, primes and accents that stand alone; Hawaiian okina, geresh, saltillo.
APOSTROPHES = frozenset(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u02f4\u0374\u0384\u055a\u055b\u05f3\u07f4\u07f5"
    "\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u275b\u275c\u275f\ua78b\ua78c"
    "\uff07\uff40"
)

# Quotation marks: those that open and close, low ones, double primes, gershayim, and the brackets of East Asia.
QUOTES = (
    (of_category("Pi", "Pf") - APOSTROPHES)
    | frozenset('"\u02ba\u02dd\u02ee\u05f4\u201e\u2033\u2036\u275d\u275e\u2760\u2e42\u300c\u300d\u300e\u300f')
    | frozenset("\u301d\u301e\u301f\ufe41\ufe42\ufe43\ufe44\uff02\uff62\uff63\U0001f676\U0001f677\U0001f678")
)

# White space is str.split's; these show as much, but are letters and symbols to Unicode: blank Braille, a musical rest.
BLANKS = frozenset("\u2800\U0001d159")

# Letters that Unicode does not take apart, spelt as catalogues search them.
SPELT = {
    **{"æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "\u0131": "i", "\u0237": "j", "\u2044": "/", "\u2215": "/"},
    **dict(zip("øđħłŧƀɇɉɍɏȼ", "odhltbejryc", strict=True)),
    **{"\u309b": "\u3099", "\u309c": "\u309a"},  # marks of kana that stand alone
}

REPLACEMENTS = str.maketrans(
    {
        **dict.fromkeys(DASHES, "-"),
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(QUOTES, '"'),
        **dict.fromkeys(BLANKS, " "),
        **SPELT,
    }
)

# Format characters that are drawn: signs that stand around numbers in Arabic and its kin.
DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")

# What shows nothing: control and format characters, and Unicode's Default_Ignorable_Code_Point, which its database in
# Python does not have: soft hyphen, joiners, directions, fillers of Hangul, variation selectors, tags.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
UNSEEN = of_category("Cc", "Cf") - DRAWN - frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
# Flags of England, Scotland and the like differ by tags alone, so whole ones stay as they are.
INVISIBLE = re.compile(
    f"(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[{re.escape(''.join(sorted(UNSEEN)))}{IGNORABLE}]+"
)

# Letters of the scripts whose marks are accents, and the marks that these scripts use: after NFKD, in lower case.
# Everywhere else a mark makes another letter or word (が, हि, ไม่, שׁ, أ), and stays.
ACCENTED = (
    "A-Za-z\u00aa-\u02b8\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab68"  # Latin
    "\u0370-\u03ff\u1f00-\u1fff"  # Greek
    "\u0400-\u0482\u048a-\u052f\u1c80-\u1c8a\ua640-\ua66e\ua680-\ua69d"  # Cyrillic
)
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d"
    "\ua69e\ua69f\ufe20-\ufe2f"
)
ACCENTS = re.compile(f"(?<=[{ACCENTED}])[{MARKS}]+")
