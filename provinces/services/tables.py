"""Reading the CSV files that people keep: every complaint names the file, the line and what to do."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path


class DataFileError(Exception):
    """A data file cannot be taken as it is. ``str()`` is a sentence with the place and what to do."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}")
        self.place = place
        self.sentence = sentence


@dataclass(frozen=True)
class Row:
    """One line of a file. Cells are stripped text; an empty cell means that the file says nothing."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.line}"

    def error(self, sentence: str) -> DataFileError:
        return DataFileError(self.place, sentence)

    def text(self, column: str) -> str:
        """Raises DataFileError where the cell is empty."""
        if not self.cells[column]:
            raise self.error(f"Column “{column}” is empty; fill it in.")
        return self.cells[column]

    def optional_text(self, column: str) -> str:
        return self.cells[column]

    def optional_day(self, column: str) -> date | None:
        text = self.cells[column]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise self.error(f"Column “{column}” says “{text}”; write the day as 2025-07-01.") from None

    def day(self, column: str) -> date:
        self.text(column)
        found = self.optional_day(column)
        assert found is not None
        return found

    def optional_integer(self, column: str) -> int | None:
        text = self.cells[column]
        if text and not (text.isascii() and text.isdigit()):
            raise self.error(f"Column “{column}” says “{text}”; write a whole number with digits only.")
        return int(text) if text else None

    def integer(self, column: str) -> int:
        return int(self.optional_integer(column) or self.text(column))

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        text = self.text(column)
        if text not in allowed:
            raise self.error(f"Column “{column}” says “{text}”; write one of {', '.join(allowed)}.")
        return text


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a UTF-8 CSV file whose header is exactly ``columns``. Raises DataFileError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            if header != list(columns):
                raise DataFileError(
                    f"{path.name}, line 1",
                    f"The header must be {','.join(columns)}; it is {','.join(header)}.",
                )
            return [_row(path.name, reader.line_num, columns, cells) for cells in reader if cells]
    except FileNotFoundError:
        raise DataFileError(path.name, f"The file is missing; it belongs into {path.parent.name}/.") from None
    except UnicodeDecodeError as error:
        raise DataFileError(path.name, f"The file is not UTF-8 ({error.reason}); save it as UTF-8.") from None


def _row(file: str, line: int, columns: Sequence[str], cells: list[str]) -> Row:
    if len(cells) != len(columns):
        raise DataFileError(
            f"{file}, line {line}",
            f"There are {len(cells)} cells, the header has {len(columns)}; look for a comma.",
        )
    return Row(file, line, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
