"""Vietnamese names: a key to search by (accents optional) and a key to sort by (Vietnamese alphabet)."""

from __future__ import annotations

import unicodedata

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"  # f, j, w, z as the 2002 school dictionary places them
_RANK = {letter: chr(ord("A") + rank) for rank, letter in enumerate(_ALPHABET)}
# Order of tones in Vietnamese dictionaries: level, grave, hook above, tilde, acute, dot below.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def search_key(text: str) -> str:
    """Lower case without accents: "Điện Biên" and "dien bien" give the same key."""
    plain = text.casefold().replace("đ", "d")
    decomposed = unicodedata.normalize("NFD", plain)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def sort_key(text: str) -> str:
    """A string whose code-point order is the Vietnamese dictionary order of ``text``.

    Letters decide first (space before any letter), tones only between names that are otherwise equal.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        marks = unicodedata.normalize("NFD", char)
        tone = next((_TONES[mark] for mark in marks if mark in _TONES), "0")
        letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        letters.append(_RANK.get(letter, "!" if char.isspace() else char))
        tones.append(tone)
    return "".join(letters) + " " + "".join(tones)
