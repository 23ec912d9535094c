"""Codes and their parameters in the reader's words. The services know no prose."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as text

from indicators.core.contradiction_sentences import describe
from indicators.core.notation import per_cent, written, written_stated
from indicators.core.period_labels import Language
from indicators.core.stated import StatedValue
from reporting.core.checks import Finding
from reporting.core.merged import Together
from reporting.number_sentences import NUMBERS, readings, say_number
from reporting.services.errors import Refused
from reporting.services.known import Known
from reporting.services.predecessors import Merged

_FINDINGS = {
    # what was typed
    "empty": text("Fill in a figure, or say why there is none."),
    "one_count": text("The other count is missing."),
    "counts_missing": text("The numerator and denominator are missing."),
    "not_in_list": text("“{text}” is not in the list of choices."),
}
_REFUSALS = {
    "not_your_province": text("You do not report for this province."),
    "not_leader": text("Only a leader of the province submits the form."),
    "not_reviewer": text("Only reviewers accept or return."),
    "own_submission": text("You submitted this form yourself; somebody else decides on it."),
    "not_editable": text("The form cannot be changed now: it is {state}."),
    "not_submitted": text("There is nothing to decide: the form is {state}."),
    "no_such_cell": text("This cell is not part of the form."),
    "cell_twice": text("A cell was sent twice."),
    "bad_choice": text("This choice does not exist."),
    "too_long": text("The text is too long."),
    "reason_missing": text("Give a reason."),
    "not_accepted": text("Only a published form is corrected."),
    "already_corrected": text("A correction was opened already."),
    "checks_failed": text("{count} cells need attention before the form can be submitted."),
    "ended": text(
        "{province} ended on {date}: it cannot report for a later period. Its successor can: {successors}."
    ),
    "not_begun": text("{province} did not exist at the end of this period."),
    "wrong_calendar": text("{period} is no quarter of this form's calendar."),
    "not_asked": text("The province is not asked for this form in {period}."),
    "other_version": text("Another version of the form applies to {period}."),
    "not_open_yet": text("The form opens on {date}."),
}


def language() -> Language:
    return "en" if (get_language() or "vi").startswith("en") else "vi"


def say_refusal(refusal: Refused) -> str:
    return _(_REFUSALS[refusal.code]).format(**refusal.params)


def say_finding(finding: Finding) -> str:
    """One sentence; an arithmetic is shown with its numbers."""
    if finding.contradiction is not None:
        sentence = describe(finding.contradiction, language())
        return sentence[0].upper() + sentence[1:] + "."
    return say_problem(finding.code, finding.params)


def say_problem(code: str, params: Mapping[str, str]) -> str:
    if code in NUMBERS:
        return say_number(code, params)
    if code not in _FINDINGS:
        return _("“{text}” is not understood.").format(text=params.get("text", ""))
    return _(_FINDINGS[code]).format(**params)


def choices_of(code: str, params: Mapping[str, str]) -> list[str]:
    """What can be put in place of an ambiguous text with one key."""
    return list(readings(params).values()) if code == "grouping_or_decimal" else []


def understood(stated: StatedValue | None, as_typed: str) -> str:
    """How a figure was understood, where that is not what was typed: "3,2 triệu" → 3.200.000."""
    if stated is None:
        return ""
    words = written_stated(stated, language())
    same = words.replace(" ", "").replace("%", "") == as_typed.strip().replace(" ", "").replace("%", "")
    return "" if same else words


def figure(value: Decimal | None, qualifier: str = "exact") -> str:
    """A published figure beside a cell, with its qualifier's sign; a missing one is a dash."""
    if value is None:
        return "–"
    return _SIGNS.get(qualifier, "") + written(value, language())


def signed(number: Decimal | None, decimals: int | None = None, unit: str = "") -> str:
    """A difference with its sign; a missing one is a dash."""
    if number is None:
        return "–"
    return ("+" if number > 0 else "") + written(number, language(), decimals) + unit


def most_different(kept: Mapping[str, Any]) -> str:
    """The figure of a submission that moved most since the last quarter (``reviewing.summary``)."""
    if "indicator" not in kept:
        return "–"
    change = signed(Decimal(kept["change"]))
    relative = signed(Decimal(kept["relative"]), 1, per_cent(language()))
    return f"{kept['indicator'][language()]}: {change} ({relative})"


def beside(known: Known | None, merged: Merged | None) -> list[str]:
    """What stands in a column of known figures: the province's own, or its predecessors' with their names and
    whether they can be added up."""
    if known is not None or merged is None:
        return [figure(known.value, known.qualifier) if known else "–"]
    former = _("former")
    lines = [
        f"{one.province} ({former}):\u00a0{figure(found.value, found.qualifier) if found else '–'}"
        for one, found in merged.figures
    ]
    sentence, together = _(_TOGETHER[merged.sum.how]), merged.known
    number = figure(together.value, together.qualifier) if together else ""
    return [*lines, sentence.format(figure=number)]


_TOGETHER = {
    Together.SUM: text("together: {figure}"),
    Together.RECOMPUTED: text("together, from the counts: {figure}"),
    Together.INCOMPLETE: text("no sum: not all have a figure"),
    Together.DIVIDED: text("no sum: one of them was divided"),
    Together.COUNTS_MISSING: text("no sum: percentages without counts"),
    Together.NOT_ADDABLE: text("cannot be added up"),
}
_SIGNS = {
    "more_than": "> ",
    "at_least": "≥ ",
    "less_than": "< ",
    "at_most": "≤ ",
    "nearly": "≲ ",
    "about": "≈ ",
}
