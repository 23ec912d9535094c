"""Columns that several resources have."""

from __future__ import annotations

from api.columns import Column, Type, blank_as_null


def names() -> tuple[Column, ...]:
    return (
        Column("name_vi", "name_vi", Type.TEXT, "Name in Vietnamese"),
        Column("name_en", "name_en", Type.TEXT, "Name in English"),
    )


def lifetime() -> tuple[Column, ...]:
    return (
        Column(
            "valid_from",
            "valid_from",
            Type.DATE,
            "First day; null: before what the system holds",
            nullable=True,
        ),
        Column("valid_to", "valid_to", Type.DATE, "Last day; null: in force", nullable=True),
    )


def notes(path: str = "") -> tuple[Column, ...]:
    return (
        Column("note_vi", blank_as_null(f"{path}note_vi"), Type.TEXT, "Remark, in Vietnamese", nullable=True),
        Column("note_en", blank_as_null(f"{path}note_en"), Type.TEXT, "Remark, in English", nullable=True),
    )


def period(path: str = "period__") -> tuple[Column, ...]:
    return (
        Column("period", f"{path}code", Type.CODE, "Code of the period"),
        Column("period_start", f"{path}start", Type.DATE, "Its first day"),
        Column("period_end", f"{path}end", Type.DATE, "Its last day, which belongs to it"),
    )


def category(path: str = "") -> tuple[Column, ...]:
    return (
        Column(
            "category",
            f"{path}category__code",
            Type.CODE,
            "Category; null: the whole province",
            nullable=True,
        ),
        Column(
            "dimension",
            f"{path}category__dimension__code",
            Type.CODE,
            "What the category is a part of",
            nullable=True,
        ),
    )
