"""The words around a number in a report: "trên", "gần", "từ … trở lên", "ước đạt", and what they claim.

Only known words are taken; an unknown one refuses the whole text, because it may turn the meaning round.
Words that as often state a difference ("vượt 23,72%", "cao hơn 5%") or a level ("mức độ 3") are left unknown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from indicators.core.numerals import AmbiguousNumber, UnreadableNumber


class Qualifier(StrEnum):
    """How the words around a number bound it. `exact` means that nothing does."""

    EXACT = "exact"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    NEARLY = "nearly"
    ABOUT = "about"


_QUALIFYING = {
    Qualifier.MORE_THAN: ("hơn", "trên", "quá", "lớn hơn", ">"),
    Qualifier.AT_LEAST: (
        *("không dưới", "không ít hơn", "không thấp hơn", "không nhỏ hơn", "không kém"),
        *("ít nhất", "tối thiểu", "≥", ">="),
    ),
    Qualifier.LESS_THAN: (
        *("dưới", "nhỏ hơn", "chưa đến", "chưa tới", "chưa đầy", "chưa đạt"),
        *("không đến", "không tới", "<"),
    ),
    Qualifier.AT_MOST: (
        *("không quá", "không vượt quá", "không vượt", "không hơn", "không trên", "không cao hơn"),
        *("không lớn hơn", "không nhiều hơn", "nhiều nhất", "tối đa", "≤", "<="),
    ),
    Qualifier.NEARLY: ("gần", "gần đạt", "gần bằng", "gần tới", "gần đến", "sát"),
    Qualifier.ABOUT: (
        *("khoảng", "vào khoảng", "xấp xỉ", "chừng", "ước chừng", "tầm", "trên dưới", "~", "≈"),
    ),
}
_ESTIMATING = ("ước", "ước đạt", "ước tính", "ước thực hiện", "dự ước", "dự kiến")
_PLAIN = (
    "đạt",
    "là",
    "bằng",
    "chiếm",
    "có",
    "được",
    "đã",
    "mức",
    "ở mức",
    "đạt mức",
    "tỷ lệ",
    "tỉ lệ",
    ":",
    "=",
)
_SUFFIXES = {"trở lên": Qualifier.AT_LEAST, "trở xuống": Qualifier.AT_MOST}
#: What is counted or scored may be named after the figure; none of these words changes its size.
_THINGS = (
    *(
        "hồ sơ",
        "văn bản",
        "thủ tục",
        "thủ tục hành chính",
        "tthc",
        "dịch vụ",
        "dịch vụ công",
        "người",
        "lượt",
    ),
    *("lượt người", "hộ", "hộ gia đình", "doanh nghiệp", "đơn vị", "cơ quan", "tài khoản", "điểm", "đồng"),
    *("máy chủ", "máy tính", "lớp", "giao dịch", "chứng thư số", "chữ ký số"),
)
_MULTIPLIERS = {
    **{"nghìn": 3, "ngàn": 3, "vạn": 4, "triệu": 6, "tỷ": 9, "tỉ": 9},
    **{"nghìn tỷ": 12, "ngàn tỷ": 12, "nghìn tỉ": 12, "ngàn tỉ": 12},
}
_PER_CENT = ("%", "phần trăm")
_RANGES = re.compile(r"[0-9%] ?(?:-|–|—|÷|đến|tới) ?[0-9]|^từ .*[0-9].* (?:đến|tới) ")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")

_PREFIX_MEANING: dict[str, Qualifier | None] = {
    **{phrase: qualifier for qualifier, phrases in _QUALIFYING.items() for phrase in phrases},
    **dict.fromkeys(_PLAIN),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A text taken apart: the numeral still as written, its sign, and what the words say about it."""

    numeral: str
    negative: bool
    qualifier: Qualifier
    estimated: bool
    exponent: int | None  # power of ten of "nghìn", "triệu", "tỷ"; None where no such word stands
    per_cent: bool


def take_apart(text: str) -> Wording:
    """Split `text` into its numeral and its words.

    Raises UnreadableNumber (`empty`, `no_number`, `several_numbers`, `range`, `unknown_words`) or
    AmbiguousNumber (`conflicting_qualifiers`).
    """
    plain = normalised(text)
    if not plain:
        raise UnreadableNumber("empty", text=text)
    if _RANGES.search(plain):
        raise UnreadableNumber("range", text=text)
    numerals = list(re.finditer(r"[0-9](?:[0-9., ]*[0-9])?", plain))
    if len(numerals) != 1:
        raise UnreadableNumber("several_numbers" if numerals else "no_number", text=text)
    before, after = plain[: numerals[0].start()], plain[numerals[0].end() :]
    negative = before.endswith(("-", "−"))
    if negative:
        before = before[:-1]
    exponent, per_cent, suffix = _read_after(after.strip(), text)
    found, estimated = _read_before(before.strip(), text, suffixed=suffix is not None)
    claims = found | ({suffix} if suffix else set())
    if len(claims) > 1:
        raise AmbiguousNumber("conflicting_qualifiers", text=text, qualifiers=" ".join(sorted(claims)))
    qualifier = claims.pop() if claims else Qualifier.EXACT
    return Wording(numerals[0].group(), negative, qualifier, estimated, exponent, per_cent)


def normalised(text: str) -> str:
    """Lower case, composed letters, plain single spaces, nothing invisible."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    return " ".join(_INVISIBLE.sub("", composed).split())


def _read_before(words: str, text: str, *, suffixed: bool) -> tuple[set[Qualifier], bool]:
    """The qualifiers and the estimate that the words before the numeral express."""
    found: set[Qualifier] = set()
    estimated = False
    rest = words
    while rest:
        phrase = _longest_start(rest, (*_PREFIX_MEANING, *_ESTIMATING, *(("từ",) if suffixed else ())))
        if phrase is None:
            raise UnreadableNumber("unknown_words", text=text, words=rest)
        estimated = estimated or phrase in _ESTIMATING
        meaning = _PREFIX_MEANING.get(phrase)
        if meaning is not None:
            found.add(meaning)
        rest = rest[len(phrase) :].strip()
    return found, estimated


def _read_after(words: str, text: str) -> tuple[int | None, bool, Qualifier | None]:
    """The multiplier, the sign of per cent and the closing qualifier after the numeral, in this order."""
    rest = words
    multiplier = _longest_start(rest, tuple(_MULTIPLIERS))
    if multiplier:
        rest = rest[len(multiplier) :].strip()
    per_cent = _longest_start(rest, _PER_CENT)
    if per_cent:
        rest = rest[len(per_cent) :].strip()
    thing = None if per_cent else _longest_start(rest, _THINGS)
    if thing:
        rest = rest[len(thing) :].strip()
    suffix = _longest_start(rest, tuple(_SUFFIXES))
    if suffix:
        rest = rest[len(suffix) :].strip()
    if rest:
        raise UnreadableNumber("unknown_words", text=text, words=rest)
    exponent = _MULTIPLIERS[multiplier] if multiplier else None
    return exponent, per_cent is not None, _SUFFIXES[suffix] if suffix else None


def _longest_start(words: str, phrases: tuple[str, ...]) -> str | None:
    """The longest of `phrases` that `words` begins with, whole words only (signs may stand close)."""
    fitting = [
        phrase
        for phrase in phrases
        if words.startswith(phrase)
        and (len(words) == len(phrase) or not (phrase[-1].isalpha() and words[len(phrase)].isalpha()))
    ]
    return max(fitting, key=len, default=None)
