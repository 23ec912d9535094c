"""The columns of published facts, targets and what is computed: what their rows say, in this order."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Case, CharField, DateTimeField, Exists, OuterRef, Value, When

from api.columns import Column, Type, blank_as_null
from api.common_columns import category, notes, period
from indicators.core.contradictions import Rule
from indicators.core.verdicts import State
from indicators.models import (
    Confidence,
    Contradiction,
    MissingReason,
    Qualifier,
    RecomputeRun,
    RestatementReason,
    Standing,
    Status,
    Target,
)

CODE, TEXT, DATE, INSTANT = Type.CODE, Type.TEXT, Type.DATE, Type.INSTANT
NUMBER, INTEGER, BOOLEAN, CODES = Type.NUMBER, Type.INTEGER, Type.BOOLEAN, Type.CODES
RULES = tuple(rule.value for rule in Rule)

# Few figures break a rule: PostgreSQL looks that up in one hash for all rows, not in an index for each.
_BROKEN = Contradiction.objects.filter(observation=OuterRef("pk"))
_RULES = Case(
    When(Exists(_BROKEN), then=ArraySubquery(_BROKEN.order_by("rule").values("rule"))),
    default=Value([], output_field=ArrayField(CharField())),
)


def _observation(superseded: str | Value) -> tuple[Column, ...]:
    never = Value(False, output_field=BooleanField())
    return (
        Column("province", "province__slug", CODE, "Slug of the province"),
        Column("province_code", "province__code", CODE, "Its official code in its time"),
        Column("indicator", "indicator__code", CODE, "Code of the indicator"),
        *period(),
        category()[0],
        Column("value", "value", NUMBER, "The value with the digits it was stated with", nullable=True),
        Column("unit", "indicator__unit_en", TEXT, "Unit, in English; both languages stand at the indicator"),
        Column("numerator", "numerator", NUMBER, "Count, where it was stated", nullable=True),
        Column("denominator", "denominator", NUMBER, "Out of how many", nullable=True),
        Column("lower", "lower", NUMBER, "Lower end of the plausible interval", nullable=True),
        Column("upper", "upper", NUMBER, "Upper end of the plausible interval", nullable=True),
        Column("qualifier", "qualifier", CODE, "How exactly it was stated", words=tuple(Qualifier.values)),
        Column("status", "status", CODE, "Status", words=tuple(Status.values)),
        Column(
            "missing_reason",
            blank_as_null("missing_reason"),
            CODE,
            "Why there is no value; null where there is one, or it was withdrawn",
            words=tuple(MissingReason.values),
            nullable=True,
        ),
        Column("as_stated", blank_as_null("as_stated"), TEXT, "The words of the source", nullable=True),
        Column("derived", "derived", BOOLEAN, "A quarter worked out from year-to-date figures"),
        Column("restated", never, BOOLEAN, "Computed for another geography than it was reported in"),
        Column("simulated", "simulated", BOOLEAN, "Made up for demonstration"),
        Column("source", "source__code", CODE, "Code of the source"),
        Column("contradictions", _RULES, CODES, "Rules that it breaks; see contradictions/", words=RULES),
        Column("recorded_at", "recorded_at", INSTANT, "When it was published here"),
        Column("superseded_at", superseded, INSTANT, "When another row took its place", nullable=True),
        Column("id", "id", INTEGER, "Number in the order of publishing"),
        category()[1],
        Column("place", blank_as_null("place"), TEXT, "Place in the source", nullable=True),
        Column(
            "confidence", "confidence", CODE, "Read, worked out, or in doubt", words=tuple(Confidence.values)
        ),
        Column("stated_rank", "stated_rank", INTEGER, "Published rank", nullable=True),
        Column("stated_rank_of", "stated_rank_of", INTEGER, "Among how many", nullable=True),
        *notes(),
    )


# What is current now, or was at an instant, was not superseded then: null, as the answer was at that time.
CURRENT = _observation(Value(None, output_field=DateTimeField(null=True)))
CHANGE = (
    Column("id", "id", INTEGER, "Number in the order of publishing; `after` takes it"),
    Column(
        "change",
        Case(
            When(status=Status.WITHDRAWN, then=Value("withdrawn")),
            When(supersedes__isnull=False, then=Value("corrected")),
            default=Value("recorded"),
        ),
        CODE,
        "What happened",
        words=("recorded", "corrected", "withdrawn"),
    ),
    Column("supersedes", "supersedes_id", INTEGER, "The row whose place it took", nullable=True),
    *(column for column in _observation("superseded_at") if column.name != "id"),
)


def _computed() -> tuple[Column, ...]:
    return (
        Column("indicator", "indicator__code", CODE, "Code of the indicator"),
        *period(),
        *category(),
        Column("geography", "geography__code", CODE, "Geography of the group"),
        Column("group", "group", CODE, "`nation`, `region:…`, `kind:…` or `population:…`"),
        Column("unit", "indicator__unit_en", TEXT, "Unit, in English"),
    )


AGGREGATE = (
    *_computed(),
    Column("reporting", "reporting", INTEGER, "Provinces with a usable figure"),
    Column("expected", "expected", INTEGER, "Provinces in the group"),
    Column("coverage", "coverage", NUMBER, "reporting / expected"),
    Column("complete", "complete", BOOLEAN, "Coverage reaches the indicator's threshold"),
    Column("sum", "sum", NUMBER, "Sum, of counts", nullable=True),
    Column("ratio_of_sums", "ratio_of_sums", NUMBER, "Per cent, where every count is there", nullable=True),
    Column("mean", "mean", NUMBER, "Unweighted mean of the provinces", nullable=True),
    Column("median", "median", NUMBER, "Median", nullable=True),
    Column("q1", "q1", NUMBER, "First quartile (type 7)", nullable=True),
    Column("q3", "q3", NUMBER, "Third quartile (type 7)", nullable=True),
    Column("minimum", "minimum", NUMBER, "Least value", nullable=True),
    Column("maximum", "maximum", NUMBER, "Greatest value", nullable=True),
    Column("standard_deviation", "standard_deviation", NUMBER, "Of the population", nullable=True),
    Column("simulated", "simulated", BOOLEAN, "Made of simulated figures, and of nothing else"),
    Column("computed_at", "computed_at", INSTANT, "When it was computed"),
)
STANDING = (
    Column("province", "province__slug", CODE, "Slug of the province"),
    Column("province_code", "province__code", CODE, "Its official code in its time"),
    *_computed(),
    Column("value", "value", NUMBER, "The figure in this geography; null where it has none", nullable=True),
    Column("lower", "lower", NUMBER, "Lower end of its plausible interval", nullable=True),
    Column("upper", "upper", NUMBER, "Upper end of its plausible interval", nullable=True),
    Column("numerator", "numerator", NUMBER, "Count behind it", nullable=True),
    Column("denominator", "denominator", NUMBER, "Out of how many", nullable=True),
    Column(
        "missing_reason",
        blank_as_null("missing_reason"),
        CODE,
        "Why there is no value",
        words=tuple(RestatementReason.values),
        nullable=True,
    ),
    Column(
        "covered_share", "covered_share", NUMBER, "Share that its predecessors cover, 0 to 1", nullable=True
    ),
    Column("restated", "restated", BOOLEAN, "Computed from the predecessors' figures"),
    Column("derived", "derived", BOOLEAN, "A quarter computed from year-to-date figures"),
    Column("observation", "observation_id", INTEGER, "`id` of the fact; null where computed", nullable=True),
    Column(
        "rank", "rank", INTEGER, "Rank; ties share the better; null where nothing is judged", nullable=True
    ),
    Column("rank_from", "rank_from", INTEGER, "Best rank that the intervals allow", nullable=True),
    Column("rank_to", "rank_to", INTEGER, "Worst rank that the intervals allow", nullable=True),
    Column("percentile", "percentile", NUMBER, "Percentile", nullable=True),
    Column("quartile", "quartile", INTEGER, "Quartile", nullable=True),
    Column("difference_to_median", "difference_to_median", NUMBER, "Value less median", nullable=True),
    Column("difference_to_best", "difference_to_best", NUMBER, "Value less the best", nullable=True),
    Column("change_previous", "change_previous", NUMBER, "Change against the period before", nullable=True),
    Column("change_year", "change_year", NUMBER, "Change against a year before", nullable=True),
    Column("distance_to_target", "distance_to_target", NUMBER, "In the indicator's unit", nullable=True),
    Column(
        "trend",
        blank_as_null("trend"),
        CODE,
        "Only where there are at least five points",
        words=tuple(Standing.Trend.values),
        nullable=True,
    ),
    Column("simulated", "simulated", BOOLEAN, "Made of simulated figures, and of nothing else"),
    Column("computed_at", "computed_at", INSTANT, "When it was computed"),
)
_VERDICTS = tuple(state.value for state in State)
TARGET = (
    Column("province", "province__slug", CODE, "Slug of the province"),
    Column(
        "for_all",
        Case(When(target__province=None, then=Value(True)), default=Value(False)),
        BOOLEAN,
        "A target for all provinces, which has a row for each that exists on its day",
    ),
    Column("indicator", "target__indicator__code", CODE, "Code of the indicator"),
    *category("target__"),
    Column("due", "target__due", DATE, "By when"),
    Column(
        "operator", "target__operator", CODE, "How the value is meant", words=tuple(Target.Operator.values)
    ),
    Column(
        "value",
        "target__value",
        NUMBER,
        "What is to be reached; null where only the target is named",
        nullable=True,
    ),
    Column("unit", "target__indicator__unit_en", TEXT, "Unit, in English"),
    Column("as_stated", blank_as_null("target__as_stated"), TEXT, "The words of the document", nullable=True),
    Column(
        "met",
        Case(
            When(verdict=State.MET, then=Value(True)),
            When(verdict=State.MISSED, then=Value(False)),
            default=Value(None),
            output_field=BooleanField(null=True),
        ),
        BOOLEAN,
        "Whether it is met, as `verdict` says; null while that is open",
        nullable=True,
    ),
    Column(
        "verdict",
        "verdict",
        CODE,
        "What became of it: what the document itself says, or else what follows from the figures. `untold`: "
        "it names no number, or the figure's words allow both; `no_figure`: none up to its day",
        words=_VERDICTS,
    ),
    Column("by_figures", "by_figures", CODE, "What the figures alone say", words=_VERDICTS),
    Column(
        "stated_outcome",
        blank_as_null("target__stated_outcome"),
        CODE,
        "What the document says of it; null where it says nothing",
        words=tuple(Target.Outcome.values),
        nullable=True,
    ),
    Column(
        "observation", "observation_id", INTEGER, "`id` of the figure that it is held against", nullable=True
    ),
    Column("observed_value", "observation__value", NUMBER, "That figure", nullable=True),
    Column(
        "observed_qualifier",
        "observation__qualifier",
        CODE,
        "How exactly it was stated",
        words=tuple(Qualifier.values),
        nullable=True,
    ),
    Column("observed_period", "observation__period__code", CODE, "Its period", nullable=True),
    Column("simulated", "target__source__simulated", BOOLEAN, "Made up for demonstration"),
    Column("basis_vi", "target__basis_vi", TEXT, "Decision that sets it, in Vietnamese"),
    Column("basis_en", "target__basis_en", TEXT, "Decision that sets it, in English"),
    Column("source", "target__source__code", CODE, "Code of the source"),
    Column("place", blank_as_null("target__place"), TEXT, "Place in the source", nullable=True),
    *notes("target__"),
)
CONTRADICTION = (
    Column("rule", "rule", CODE, "Rule that is broken", words=RULES),
    Column("observation", "observation_id", INTEGER, "`id` of the observation"),
    Column("province", "observation__province__slug", CODE, "Slug of the province"),
    Column("indicator", "observation__indicator__code", CODE, "Code of the indicator"),
    *period("observation__period__"),
    *category("observation__"),
    Column("source", "observation__source__code", CODE, "Code of the source"),
    Column("value", "observation__value", NUMBER, "The value as stated", nullable=True),
    Column("stated_lower", "stated_lower", NUMBER, "Lower end of what is stated", nullable=True),
    Column("stated_upper", "stated_upper", NUMBER, "Upper end of what is stated", nullable=True),
    Column("computed_lower", "computed_lower", NUMBER, "Lower end of what follows", nullable=True),
    Column("computed_upper", "computed_upper", NUMBER, "Upper end of what follows", nullable=True),
    Column("sentence_vi", "sentence_vi", TEXT, "The arithmetic in a sentence, in Vietnamese"),
    Column("sentence_en", "sentence_en", TEXT, "The arithmetic in a sentence, in English"),
    Column("simulated", "observation__simulated", BOOLEAN, "Of a simulated figure"),
    Column("detected_at", "detected_at", INSTANT, "When it was found"),
)
RECOMPUTE_RUN = (
    Column("id", "id", INTEGER, "Number of the run"),
    Column("cause", "cause", CODE, "What caused it"),
    Column("scope", "scope", TEXT, "What was to be recomputed"),
    Column("started_at", "started_at", INSTANT, "Start"),
    Column("finished_at", "finished_at", INSTANT, "End; null while it runs", nullable=True),
    Column("units", "units", INTEGER, "Pairs of indicator and period recomputed"),
    Column("rows", "rows", INTEGER, "Rows written"),
    Column("result", "result", CODE, "How it ended", words=tuple(RecomputeRun.Result.values)),
)
