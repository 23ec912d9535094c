"""Every text that goes through gettext has its Vietnamese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
APPS = ("api", "config", "dashboards", "indicators", "provinces", "reporting")
KEYWORDS = ("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy")
# templatize() turns a template into calls of gettext with Python literals between blanked-out text.
_CALL = re.compile(r"(?<![A-Za-z_])(n?gettext|_)\(((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|,|\s)+)")


def messages() -> Iterator[tuple[str, str]]:
    """(msgid, where); of a plural its singular."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            with path.open("rb") as file:
                for line, _function, texts, _comments in extract_python(file, KEYWORDS, [], {}):
                    text = texts[0] if isinstance(texts, tuple) else texts
                    if text:
                        yield text, f"{path.relative_to(ROOT)}:{line}"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for _function, arguments in _CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            literals = ast.literal_eval(f"({arguments.strip().rstrip(',')},)")
            yield literals[0], str(path.relative_to(ROOT))


def test_every_text_has_its_vietnamese() -> None:
    with (ROOT / "locale/vi/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="vi")
    translated = {}
    for message in catalogue:
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        translated[key] = all(texts) and not message.fuzzy
    missing = sorted({text for text, _place in messages() if not translated.get(text)})
    assert not missing, f"{len(missing)} without Vietnamese: {missing}"


def test_texts_are_found_at_all() -> None:
    """Guards the extraction itself: a template's and a module's text must be among what it finds."""
    found = {text for text, _place in messages()}
    assert {"Overview", "Skip to content", "higher is better"} <= found
