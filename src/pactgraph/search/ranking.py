"""How near a name is to what was asked: 1 for the same name, 0 for nothing in common."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from pactgraph.names import folded, sounds, words

LEAST = 0.36
"""Names less near than this are not shown: they share a few letters, no more."""
LONGEST = 64
"""How many letters of what was asked are looked at; longer names differ before."""
_READ = 400  # characters of what was asked that are read at all
_SOUND = 0.94  # what a name that only sounds alike is worth beside one that is spelt alike
_INSIDE = 0.65  # Korean compounds are written without spaces: 전자 in 삼성전자
_MOSTLY = 0.75
_COVERED = 0.75  # what it counts that a longer name has the trigrams asked for, or is one slip away
_EDGE = " "


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, folded once, word by word."""

    plain: tuple[str, ...]
    sound: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Asked:
        """Fold what was asked."""
        return cls(_cut(words(text[:_READ])), _cut(sounds(text[:_READ])))

    @property
    def trigrams(self) -> set[str]:
        """The trigrams that names are looked up by."""
        return trigrams("".join(self.plain)) | trigrams("".join(self.sound))

    def nearness(self, label: str) -> float:
        """Return how near a name is, by its letters or by its sound.

        >>> asked = Asked.of("Samseong")
        >>> asked.nearness("Samseong"), asked.nearness("삼성") > asked.nearness("Samsung Electronics") > 0.7
        (1.0, True)
        """
        spelt, heard = _nearness(self.plain, words(label)), _nearness(self.sound, sounds(label))
        joined = "".join(self.plain)
        inside = _INSIDE if len(joined) > 1 and joined in folded(label) else 0.0
        return max(spelt, inside, _SOUND * heard)


def _cut(given: list[str]) -> tuple[str, ...]:
    """Return the words up to the longest that is looked at."""
    kept: list[str] = []
    left = LONGEST
    for word in given:
        kept.append(word[:left])
        left -= len(word)
        if left <= 0:
            break
    return tuple(kept)


def trigrams(word: str) -> set[str]:
    """Return the runs of three letters of a word with its edges.

    >>> sorted(trigrams("한국"))
    [' 한국', '한국 ']
    """
    edged = f"{_EDGE}{word}{_EDGE}"
    return {edged[start : start + 3] for start in range(len(edged) - 2)} if word else set()


def _nearness(asked: tuple[str, ...], name: list[str]) -> float:
    """Compare with a name, given as its words: equal, at its beginning, at that of a word, or alike."""
    wanted, joined = "".join(asked), "".join(name)
    if not wanted or not joined:
        return 0.0
    if wanted == joined:
        return 1.0
    share = min(len(wanted), len(joined)) / max(len(wanted), len(joined))
    if joined.startswith(wanted):
        return 0.85 + 0.1 * share
    if any("".join(name[start:]).startswith(wanted) for start in range(1, len(name))):
        return 0.75 + 0.1 * share
    if len(asked) > 1 and all(any(each.startswith(word) for each in name) for word in asked):
        return 0.75 + 0.1 * share
    return _alike(wanted, joined)


def _alike(wanted: str, name: str) -> float:
    """Return how many trigrams two words share (Dice), or how many of the wanted ones a longer one has."""
    asked, there = trigrams(wanted), trigrams(name)
    common = len(asked & there)
    return max(
        2 * common / (len(asked) + len(there)),
        _COVERED * common / len(asked),
        _COVERED * _mistyped(wanted, name),
    )


def _mistyped(wanted: str, name: str) -> float:
    """Return how much of two words of about one length is the same, or 0 when it is not most of them.

    In a short word one wrong letter spoils most trigrams.
    """
    matcher = SequenceMatcher(None, wanted, name, autojunk=False)
    if matcher.real_quick_ratio() < _MOSTLY or matcher.quick_ratio() < _MOSTLY:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _MOSTLY else 0.0
