"""What all FilterSets of the API share: the parameters every list takes, and how bad ones are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from api.formats import FORMATS
from api.parameters import Cursor, Number, Parameter, Words
from api.problems import BadParameters, BadValue

DEFAULT_PAGE_SIZE = 100
LARGEST_PAGE = 1000
# Each of these leaves a small part of a long list, which its own index finds.
_NARROWING = ("indicator", "province", "period", "from", "to", "source", "category", "group", "after")


class Answer(forms.Form):
    """What every address takes."""

    format = Words(
        words=list(FORMATS),
        many=False,
        help_text="Format of the answer; before the Accept header.",
    )


class Listing(Answer):
    """What every list takes. ``page_size`` missing means 100 rows in JSON and every row in other formats."""

    shape = Words(
        words=["records", "columns"],
        many=False,
        initial="records",
        help_text="JSON only: one object a row, or one array a field (a third of the bytes).",
    )
    page_size = Number(
        least=1,
        most=LARGEST_PAGE,
        help_text=f"Rows a page: {DEFAULT_PAGE_SIZE} unless given; other formats hold every row without it.",
    )


class NumberedListing(Listing):
    page = Number(least=1, most=10_000_000, initial=1, help_text="Number of the page, from 1.")


class CursorListing(Listing):
    cursor = Cursor(help_text="Where the page begins, as `next` and `previous` give it.")


class FeedListing(Listing):
    after = Number(least=0, initial=0, help_text="The `id` of the last row that you have.")


class By(django_filters.Filter):
    """Filters by a Parameter: with a lookup where it is given, or with a function that is always asked."""

    def __init__(self, parameter: Parameter, how: str | Callable[[QuerySet, Any], QuerySet]) -> None:
        super().__init__()
        self.parameter, self.how = parameter, how

    @property
    def field(self) -> Parameter:
        return self.parameter

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if callable(self.how):
            return self.how(queryset, value)
        return queryset if value is None else queryset.filter(**{self.how: value})


class ApiFilterSet(django_filters.FilterSet):
    """A filter whose name is a word of Python is declared with an underscore behind it (``from_``)."""

    class Meta:
        form = NumberedListing

    @classmethod
    def get_filters(cls) -> dict[str, By]:
        return {name.removesuffix("_"): chosen for name, chosen in super().get_filters().items()}

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Every parameter by its name, the conventions last."""
        return {name: chosen.field for name, chosen in cls.base_filters.items()} | cls._meta.form.base_fields

    @classmethod
    def read(cls, query: QueryDict, queryset: QuerySet) -> ApiFilterSet:
        """The checked FilterSet for a query string. Raises BadParameters naming every parameter at fault."""
        allowed = list(cls.parameters())
        bad = [
            BadValue(name, _("There is no parameter of this name here."), allowed)
            for name in query
            if name not in allowed
        ]
        data = {name: ",".join(values) for name, values in query.lists()}
        filters = cls(data, queryset=queryset)
        if not filters.form.is_valid():
            bad += [_bad_value(name, error) for name, error in filters.form.errors.as_data().items()]
        if bad:
            raise BadParameters(*bad)
        return filters

    @property
    def whole(self) -> bool:
        """Nothing narrows a long list down: most of its table is asked for."""
        listing = self._meta.form
        return issubclass(listing, CursorListing | FeedListing) and not any(map(self.values.get, _NARROWING))

    @property
    def values(self) -> dict[str, Any]:
        return self.form.cleaned_data

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        for name, chosen in self.filters.items():
            queryset = chosen.filter(queryset, self.values[name])
        return queryset


def _bad_value(name: str, errors: list[forms.ValidationError]) -> BadValue:
    error = errors[0]
    params = error.params or {}
    at = params.get("allowed_at")
    return BadValue(name, error.messages[0], params.get("allowed"), reverse(at) if at else None)
