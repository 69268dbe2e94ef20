"""Names as they are compared: spellings folded together, and Korean ones by their sound.

``folded`` makes equal what is the same name written differently (case, width, accents, hyphens, spaces);
``spoken`` also what is romanised differently (Samseong, Samsung, 삼성), at the price of some confusion: good
for finding, not for deciding.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
# The Revised Romanization of Korean (2000), letter by letter: initial, vowel and final of a syllable.
_INITIALS = (
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
)
_VOWELS = (
    *("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u"),
    *("wo", "we", "wi", "yu", "eu", "ui", "i"),
)
_FINALS = (
    *("", "k", "k", "ks", "n", "nj", "nh", "t", "l", "lk", "lm", "lb", "ls", "lt", "lp", "lh"),
    *("m", "p", "ps", "t", "t", "ng", "t", "t", "k", "t", "p", "h"),
)
# Family names that nobody writes as they are romanised.
_FAMILIES = {
    **dict.fromkeys(("lee", "yi", "rhee", "ri", "li"), "i"),
    **dict.fromkeys(("park", "pak", "bark"), "bak"),
    **dict.fromkeys(("lim", "rim", "yim"), "im"),
    **dict.fromkeys(("ryu", "ryoo", "yoo", "you", "lyu"), "yu"),
    **dict.fromkeys(("roh", "noh", "rho"), "no"),
    **dict.fromkeys(("paik", "paek", "baik"), "baek"),
    **dict.fromkeys(("huh", "hur", "her"), "heo"),
    **dict.fromkeys(("suh", "surh"), "seo"),
    **dict.fromkeys(("ahn",), "an"),
    **dict.fromkeys(("sohn",), "son"),
    **dict.fromkeys(("woo",), "u"),
    **dict.fromkeys(("oh",), "o"),
}
# Letters that romanisations and transliterations take for each other, in this order.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ui|ee|ie", "i"),
        ("ae|ai|ay", "e"),
        ("o[ei]", "e"),
        ("e?[ou]+", "o"),  # eo, eu, oo, ou, u
        ("tch|ch|j|z", "j"),
        ("sh", "s"),
        ("ck|x|q|c|k", "g"),
        ("ph|p|f|v", "b"),
        ("t", "d"),
        ("l", "r"),
        (r"(.)\1+", r"\1"),
    )
)


def folded(text: str) -> str:
    """Return a name without what spellings differ in: letters and digits only, joined.

    >>> folded("KIM Jin-pyo") == folded("Kim Jinpyo"), folded("Südkorea"), folded("삼성 전자")
    (True, 'sudkorea', '삼성전자')
    """
    return "".join(words(text))


def spoken(text: str) -> str:
    """Return roughly what a name sounds like, the same for its spellings in Hangul and in Latin letters.

    >>> spoken("Samseong") == spoken("Samsung") == spoken("삼성")
    True
    >>> spoken("Lee Chang-yoon") == spoken("이창윤")
    True
    """
    return "".join(sounds(text))


def sounds(text: str) -> list[str]:
    """Return the words of a text as ``spoken`` puts them together."""
    return [_sound(word) for word in words(text)]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and signs.

    >>> words("EU–Korea Forum, 2nd")
    ['eu', 'korea', 'forum', '2nd']
    """
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    together = unicodedata.normalize("NFC", bare)
    return ["".join(group) for is_word, group in groupby(together, str.isalnum) if is_word]


def _sound(word: str) -> str:
    latin = "".join(_romanised(sign) for sign in word)
    latin = _FAMILIES.get(latin, latin)
    for pattern, sound in _SOUNDS:
        latin = pattern.sub(sound, latin)
    return latin


def _romanised(sign: str) -> str:
    if not _FIRST_SYLLABLE <= ord(sign) <= _LAST_SYLLABLE:
        return sign
    initial, rest = divmod(ord(sign) - _FIRST_SYLLABLE, len(_VOWELS) * len(_FINALS))
    vowel, final = divmod(rest, len(_FINALS))
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
