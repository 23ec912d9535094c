"""Reading a number as Vietnamese texts write it: comma before the decimals, dot or space between thousands.

A text that two readers could read as two numbers is refused, never guessed. Errors carry a code and its
parameters; the sentence for a person is made at the edge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

#: More digits than any count of a country needs; keeps the exact arithmetic exact.
MAXIMUM_DIGITS = 18

_NUMERAL = re.compile(r"[0-9](?:[0-9., ]*[0-9])?")
_SPACED_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+")


class Measure(StrEnum):
    """What kind of number a text states; it decides how `1.253` is read and what its last digit is worth."""

    PERCENT = "percent"
    COUNT = "count"
    SCORE = "score"


class StatedNumberError(ValueError):
    """A text that is not taken for a number: `code` says why, `params` hold what a sentence needs."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class UnreadableNumber(StatedNumberError):
    """No reading of the text is a number of this measure."""


class AmbiguousNumber(StatedNumberError):
    """The text has more than one reading; the person who wrote it has to be asked."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: its digits without grouping, and how many of them follow the decimal mark."""

    digits: str
    decimals: int

    @property
    def value(self) -> Decimal:
        return Decimal(int(self.digits)).scaleb(-self.decimals)

    @property
    def unit(self) -> Decimal:
        """What the last written digit is worth: 72,63 → 0.01, 92 → 1."""
        return Decimal(1).scaleb(-self.decimals)

    @property
    def significant_unit(self) -> Decimal:
        """What the last digit other than 0 is worth where there are no decimals: 500000 → 100000."""
        zeros = len(self.digits) - len(self.digits.rstrip("0"))
        if self.decimals or zeros == len(self.digits):
            return self.unit
        return Decimal(10**zeros)


def read_numeral(text: str, *, whole: bool) -> Numeral:
    """Read `text`, digits and separators only; `whole` says that it counts things one by one.

    Raises UnreadableNumber (`no_number`, `bad_grouping`, `fraction_in_count`, `too_many_digits`) or
    AmbiguousNumber (`grouping_or_decimal`, with both readings).
    """
    if not _NUMERAL.fullmatch(text):
        raise UnreadableNumber("no_number", text=text)
    integer, fraction = _parts(_without_spaces(text), text, whole=whole)
    if len(integer) + len(fraction) > MAXIMUM_DIGITS:
        raise UnreadableNumber("too_many_digits", text=text, maximum=str(MAXIMUM_DIGITS))
    if whole and fraction:
        raise UnreadableNumber("fraction_in_count", text=text)
    return Numeral(integer + fraction, len(fraction))


def _without_spaces(text: str) -> str:
    """Take out the spaces between groups of three; a space anywhere else parts two numbers."""
    if " " not in text:
        return text
    end = max(i for i, character in enumerate(text) if character == " ") + 4
    head, tail = text[:end], text[end:]
    if not _SPACED_GROUPS.fullmatch(head) or not re.fullmatch(r"(?:[.,][0-9]+)?", tail):
        raise UnreadableNumber("bad_grouping", text=text)
    if re.fullmatch(r"[.,][0-9]{3}", tail):
        raise UnreadableNumber("bad_grouping", text=text)
    return head.replace(" ", "") + tail


def _parts(written: str, text: str, *, whole: bool) -> tuple[str, str]:
    """The digits before and after the decimal mark."""
    dots, commas = written.count("."), written.count(",")
    if not dots and not commas:
        return written, ""
    if dots and commas:
        return _with_both_marks(written, text)
    mark = "." if dots else ","
    if dots + commas > 1:
        return _ungrouped(written, mark, text), ""
    integer, fraction = written.split(mark)
    if not (_groups(written, mark) and (mark == "." or whole)):
        return integer, fraction
    if mark == "." and whole:
        return integer + fraction, ""
    readings = {"grouped": integer + fraction, "decimal": f"{integer}.{fraction}"}
    raise AmbiguousNumber("grouping_or_decimal", text=text, **readings)


def _with_both_marks(written: str, text: str) -> tuple[str, str]:
    """1.253,5 and 1,253.5 have one reading each: the mark that comes last parts the decimals."""
    decimal_mark = "," if written.rfind(",") > written.rfind(".") else "."
    grouped, _, fraction = written.rpartition(decimal_mark)
    if decimal_mark in grouped:
        raise UnreadableNumber("bad_grouping", text=text)
    return _ungrouped(grouped, "." if decimal_mark == "," else ",", text), fraction


def _ungrouped(written: str, mark: str, text: str) -> str:
    if not _groups(written, mark):
        raise UnreadableNumber("bad_grouping", text=text)
    return written.replace(mark, "")


def _groups(written: str, mark: str) -> bool:
    """Whether the marks part groups of three digits: 1.253, 175.439, but neither 0.253 nor 1253.000."""
    return re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+", written) is not None
