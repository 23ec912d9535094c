"""Reading the YAML files that people keep: numbers with their digits, complaints with file and line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from provinces.services.tables import DataFileError


class Entry(dict[str, Any]):
    """A mapping of a YAML file that knows where it stands. An absent key and ``null`` say nothing alike."""

    file: str
    line: int

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.line}"

    def error(self, sentence: str) -> DataFileError:
        return DataFileError(self.place, sentence)

    def expect_only(self, keys: Collection[str]) -> None:
        """Raises DataFileError for a key that nobody would read: most often a slip of the pen."""
        for name in self:
            if name not in keys:
                raise self.error(f"“{name}” is not known here; write one of {', '.join(sorted(keys))}.")

    def optional_text(self, name: str) -> str:
        found = self.get(name)
        if found is None:
            return ""
        if not isinstance(found, str | Decimal | date):
            raise self.error(f"“{name}” must be a text.")
        return str(found).strip()

    def text(self, name: str) -> str:
        found = self.optional_text(name)
        if not found:
            raise self.error(f"“{name}” is missing; write it.")
        return found

    def number(self, name: str) -> Decimal | None:
        found = self.get(name)
        if found is not None and not isinstance(found, Decimal):
            raise self.error(f"“{name}” says “{found}”; write a number such as 72.63, without quotes.")
        return found

    def integer(self, name: str) -> int | None:
        found = self.number(name)
        if found is not None and found != found.to_integral_value():
            raise self.error(f"“{name}” says “{found}”; write a whole number.")
        return None if found is None else int(found)

    def day(self, name: str) -> date | None:
        found = self.get(name)
        if found is not None and type(found) is not date:
            raise self.error(f"“{name}” says “{found}”; write a day such as 2022-06-30.")
        return found

    def entries(self, name: str) -> list[Entry]:
        found = self.get(name) or []
        if not isinstance(found, list) or not all(isinstance(item, Entry) for item in found):
            raise self.error(f"“{name}” must be a list of entries, each beginning with a dash.")
        return found


# The same reader in C, several times as fast, where PyYAML was built with it.
_SafeLoader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Reader(_SafeLoader):  # type: ignore[misc]
    """SafeLoader whose numbers are ``Decimal`` with the digits as written, and which refuses a key twice."""

    file = ""

    def construct_entry(self, node: yaml.MappingNode) -> Entry:
        entry = Entry()
        entry.file, entry.line = self.file, node.start_mark.line + 1
        own = [key.value for key, _ in node.value]
        for name in own:
            if own.count(name) > 1:
                raise entry.error(f"“{name}” stands there twice; keep one.")
        self.flatten_mapping(node)  # what is merged in comes first, and gives way to the entry's own
        for key, value in node.value:
            entry[str(self.construct_object(key, deep=True))] = self.construct_object(value, deep=True)
        return entry

    def construct_number(self, node: yaml.ScalarNode) -> Decimal:
        text = str(node.value)
        plain = text.removeprefix("-").replace(".", "", 1)
        if not (plain.isascii() and plain.isdigit()) or (text[0] == "0" and text[1:2].isdigit()):
            raise DataFileError(
                f"{self.file}, line {node.start_mark.line + 1}", f"“{text}” is no plain number; write 1234.5."
            )
        return Decimal(text)


_Reader.add_constructor("tag:yaml.org,2002:map", _Reader.construct_entry)
for _tag in ("int", "float"):
    _Reader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Reader.construct_number)


def read_document(path: Path) -> Any:
    """What the file holds: an ``Entry`` or a list of them. Raises DataFileError."""
    try:
        reader = _Reader(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(path.name, f"The file cannot be read: {error}.") from None
    reader.file = path.name
    try:
        return reader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(f"{path.name}, line {line}", f"This is not YAML: {error.problem}.") from None
    finally:
        reader.dispose()


def read_entries(path: Path) -> list[Entry]:
    """The entries of a file that is one list. Raises DataFileError."""
    found = read_document(path)
    if not isinstance(found, list) or not all(isinstance(item, Entry) for item in found):
        raise DataFileError(path.name, "The file must be a list of entries, each beginning with a dash.")
    return found
