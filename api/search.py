"""Searching with accents optional, by what a plain PostgreSQL has: no ``unaccent``, no own collation."""

from __future__ import annotations

from django.db.models import CharField, Func, Q, QuerySet
from django.db.models.functions import Lower

from provinces.vietnamese import search_key


class WithoutAccents(Func):
    """Letters without their marks: NFD sets them apart, then they are dropped; đ is a letter of its own."""

    template = (
        "translate(regexp_replace(normalize(%(expressions)s, NFD), '[\\u0300-\\u036f]', '', 'g'), 'đĐ', 'dd')"
    )
    output_field = CharField()


def containing(queryset: QuerySet, text: str, *fields: str) -> QuerySet:
    """Rows of which one of ``fields`` contains ``text``, accents and case optional."""
    wanted = Q()
    for number, name in enumerate(fields):
        queryset = queryset.alias(**{f"searched_{number}": Lower(WithoutAccents(name))})
        wanted |= Q(**{f"searched_{number}__contains": search_key(text)})
    return queryset.filter(wanted)
