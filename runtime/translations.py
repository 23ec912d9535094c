"""Compiles the translations, with Babel: a machine that runs the system needs no GNU gettext."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from runtime.errors import StartError
from runtime.places import CHECKOUT


def compile_translations(folder: Path = CHECKOUT) -> list[Path]:
    """Writes each locale/*/LC_MESSAGES/django.mo that is older than its .po; returns those written."""
    sources = sorted(folder.glob("locale/*/LC_MESSAGES/*.po"))
    stale = [source for source in sources if is_stale(source)]
    return [compile_one(source) for source in stale]


def is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def compile_one(source: Path) -> Path:
    language = source.parent.parent.name
    try:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except PoFileError as error:
        raise StartError(f"{source} cannot be read: {error}") from error
    broken = [f"line {message.lineno}: {error}" for message, errors in catalogue.check() for error in errors]
    if broken:
        raise StartError(f"{source} has placeholders that differ from the original: {'; '.join(broken)}")
    target = source.with_suffix(".mo")
    partial = target.with_suffix(".mo.partial")
    with partial.open("wb") as file:
        write_mo(file, catalogue, use_fuzzy=False)
    return partial.replace(target)
