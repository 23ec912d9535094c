"""A number column that keeps what was written: PostgreSQL ``numeric`` without a fixed scale."""

from __future__ import annotations

from typing import Any

from django.db import models


class ExactNumberField(models.DecimalField):
    """``Decimal`` of any size; 1.0000 comes back as 1.0000, 72.63 as 72.63. Missing is ``None``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("max_digits", None)
        kwargs.pop("decimal_places", None)
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return models.Field.check(self, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "numeric"
