"""The kinds of parameter: each reads its text, says what is allowed, and describes itself."""

from __future__ import annotations

import difflib
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from provinces.models import Geography

_MOST_LISTED = 250
_LARGEST_KEY = 2**63 - 1


class Parameter(forms.Field):
    """A query parameter. An empty one is refused: leave it out instead."""

    widget = forms.TextInput
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    many = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False} | options)

    def clean(self, value: str | None) -> Any:
        if value is None:
            return self.missing()
        if not value or "\x00" in value:
            raise refuse(_("It is empty: give a value or leave the parameter out."))
        return self.read(value)

    def missing(self) -> Any:
        """What the parameter amounts to where it is not given."""
        return self.initial

    def read(self, text: str) -> Any:
        return text

    def item_schema(self) -> dict[str, Any]:
        """The schema of its value, or of one of its values; what is in the database may narrow it."""
        return dict(self.schema)

    def openapi(self, name: str) -> dict[str, Any]:
        """Its OpenAPI parameter object."""
        schema = self.item_schema()
        described: dict[str, Any] = {"name": name, "in": "query", "description": str(self.help_text)}
        if self.many:
            schema = {"type": "array", "items": schema, "minItems": 1}
            described |= {"style": "form", "explode": False}
        if self.initial is not None and not self.many:
            schema["default"] = self.initial
        return described | {"schema": schema}


class Words(Parameter):
    """One or several of a few words."""

    def __init__(self, *, words: list[str], many: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.words, self.many = words, many
        self.schema = {"type": "string", "enum": words}

    def read(self, text: str) -> Any:
        chosen = split(text) if self.many else [text]
        for word in chosen:
            if word not in self.words:
                raise refuse(_("“%(value)s” is not one of the words allowed."), self.words, value=word)
        return chosen if self.many else chosen[0]


class Truth(Words):
    """``true`` or ``false``; None where it is not given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(words=["true", "false"], many=False, **options)
        self.schema = {"type": "boolean"}

    def read(self, text: str) -> bool:
        return bool(super().read(text) == "true")


class Codes(Parameter):
    """Codes of rows that exist; read as their keys. ``also`` maps further words to what they mean."""

    many = True

    def __init__(
        self, *, model: type[models.Model], code: str = "code", at: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.model, self.code, self.at = model, code, at

    def read(self, text: str) -> list[Any]:
        wanted = split(text)
        rows = self.model._default_manager.filter(**{f"{self.code}__in": wanted})
        found = list(rows.order_by().values_list(self.code, "pk"))
        known = {code for code, _key in found}
        for code in wanted:
            if code not in known:
                raise self._unknown(code)
        return [key for _code, key in found]

    def codes(self) -> list[str]:
        rows = self.model._default_manager.order_by(self.code)
        return list(rows.values_list(self.code, flat=True).distinct())

    def item_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": self.codes() or ["none-yet"]}

    def _unknown(self, code: str) -> ValidationError:
        codes = self.codes()
        if len(codes) > _MOST_LISTED:
            codes = difflib.get_close_matches(code, codes, n=20, cutoff=0.3)
        return refuse(_("“%(value)s” is not known."), codes, self.at or None, value=code)


class Categories(Codes):
    """Codes of categories; ``none`` stands for the whole province. Read as codes, None among them."""

    def codes(self) -> list[str]:
        return ["none", *super().codes()]

    def read(self, text: str) -> list[str | None]:
        known = self.codes()
        for code in split(text):
            if code not in known:
                raise refuse(_("“%(value)s” is not known."), known, value=code)
        return [None if code == "none" else code for code in split(text)]


class Text(Parameter):
    """What is searched for; an empty search box finds everything."""

    schema = {"type": "string", "maxLength": 200, "pattern": r"^[^\u0000]*$"}

    def clean(self, value: str | None) -> str | None:
        return value if value == "" else super().clean(value)

    def read(self, text: str) -> str:
        if len(text) > 200:
            raise refuse(_("Give at most 200 characters."))
        return text.strip()


class Pattern(Parameter):
    """Words of a form that ``examples`` show."""

    many = True

    def __init__(self, *, pattern: str, examples: list[str], **options: Any) -> None:
        super().__init__(**options)
        self.pattern, self.examples = re.compile(pattern), examples
        self.schema = {"type": "string", "pattern": f"^({pattern})$"}

    def read(self, text: str) -> list[str]:
        for word in split(text):
            if not self.pattern.fullmatch(word):
                raise refuse(_("“%(value)s” is not of the forms allowed."), self.examples, value=word)
        return split(text)


class Number(Parameter):
    """A whole number from ``least`` to ``most``."""

    def __init__(self, *, least: int, most: int = _LARGEST_KEY, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most
        self.schema = {"type": "integer", "minimum": least, "maximum": most}

    def read(self, text: str) -> int:
        if re.fullmatch(r"[0-9]{1,19}", text) and self.least <= int(text) <= self.most:
            return int(text)
        raise refuse(
            _("“%(value)s” is not a whole number in range."), [f"{self.least}–{self.most}"], value=text
        )


class Cursor(Parameter):
    """A place between two rows, as ``next`` and ``previous`` give it: after (a) or before (b) a key."""

    schema = {"type": "string", "pattern": "^[ab][0-9]{1,18}$"}

    def read(self, text: str) -> tuple[bool, int]:
        """(backwards, key)"""
        match = re.fullmatch(r"([ab])([0-9]{1,18})", text, re.ASCII)
        if match is None:
            raise refuse(_("This is no place in the list: follow “next” or “previous”, or leave it out."))
        return match[1] == "b", int(match[2])

    @staticmethod
    def write(*, backwards: bool, key: int) -> str:
        return f"{'b' if backwards else 'a'}{key}"


class WhichGeography(Parameter):
    """``as-reported`` (read as None), or the code of a geography (read as the geography)."""

    schema = {"type": "string", "enum": ["as-reported", "63", "34"]}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"initial": "as-reported"} | options)

    def missing(self) -> None:
        return None

    def read(self, text: str) -> Geography | None:
        if text == "as-reported":
            return None
        known = {geography.code: geography for geography in Geography.objects.all()}
        return known.get(text) or refused(
            _("“%(value)s” is no geography."), ["as-reported", *sorted(known, reverse=True)], value=text
        )


def refuse(
    sentence: Any, allowed: list[str] | None = None, at: str | None = None, **values: str
) -> ValidationError:
    return ValidationError(sentence, params={"allowed": allowed, "allowed_at": at, **values})


def refused(sentence: Any, allowed: list[str] | None = None, **values: str) -> Any:
    raise refuse(sentence, allowed, **values)


def split(text: str) -> list[str]:
    """The different values of a comma-separated list."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise refuse(_("There is an empty value between its commas."))
    return list(dict.fromkeys(parts))
