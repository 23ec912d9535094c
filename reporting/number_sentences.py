"""Why a number is not taken, in the reader's words: the same in the quarterly form and in a table."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as text

NUMBERS = {
    "grouping_or_decimal": text("“{text}” may be {grouped} or {decimal}. Write the one that you mean."),
    "conflicting_qualifiers": text("“{text}” and the chosen qualifier say different things."),
    "range": text("“{text}” is a range; one number is needed."),
    "several_numbers": text("“{text}” has several numbers; one is needed."),
    "no_number": text("There is no number in “{text}”."),
    "unknown_words": text("“{words}” is not understood. Write the number, put the words into the note."),
    "bad_grouping": text("The digits of “{text}” are not grouped by three."),
    "fraction_in_count": text("“{text}” has decimals, but this counts whole things."),
    "negative_count": text("A count cannot be below 0."),
    "percent_sign": text("“{text}” has a sign of per cent, but this is no percentage."),
    "multiplier": text("“{text}”: words such as “triệu” belong to counts only."),
    "too_many_digits": text("“{text}” has more digits than can be right."),
    "too_long": text("The text is too long."),
    "zero_denominator": text("The denominator is 0: say instead why there is no percentage."),
    "value_and_reason": text("There is a figure and a reason for having none; remove one of them."),
    "date_cell": text("The cell holds a date ({text}), not what was typed. Format it as text."),
    "time_cell": text("The cell holds a time ({text}). Format it as text."),
    "boolean_cell": text("The cell says true or false, and no number."),
    "error_cell": text("The cell shows an error of its formula."),
}


def say_number(code: str, params: Mapping[str, str]) -> str:
    return _(NUMBERS[code]).format(**{**params, **readings(params)})


def readings(params: Mapping[str, str]) -> dict[str, str]:
    """The two readings of 1.253 as a person may type either without being asked again."""
    found = {}
    if "grouped" in params:
        found["grouped"] = params["grouped"]
    if "decimal" in params:
        found["decimal"] = params["decimal"].replace(".", ",")
    return found
