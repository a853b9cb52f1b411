"""Translation catalogues in gettext's ``.po`` format, read as they are: nothing to compile or to go stale."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parents[2] / "assets" / "locale"
DOMAIN = "convscope"
SOURCE_LANGUAGE = "en"
LANGUAGES = {"en": "English", "ja": "日本語"}
"""The languages that a reader may choose, each by its own name."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Entry:
    """One message of a catalogue."""

    key: str
    """The English text."""
    text: str
    """The translation; empty while it is missing."""
    sources: tuple[str, ...] = ()
    """The files that use it."""


class CatalogueError(ValueError):
    """A ``.po`` file that cannot be read; the message names the line."""


def path_of(language: str) -> Path:
    """Return where the catalogue of ``language`` lies."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def load(language: str) -> Mapping[str, str]:
    """Return English text -> translation for ``language``; reread when the file has changed.

    A missing translation is left out, so that the reader sees English there.
    """
    if language == SOURCE_LANGUAGE:
        return {}
    path = path_of(language)
    return _load(path, path.stat().st_mtime_ns)


@cache
def _load(path: Path, _changed: int) -> Mapping[str, str]:
    return {entry.key: entry.text for entry in read(path.read_text("utf-8")) if entry.text}


def read(content: str) -> tuple[Entry, ...]:
    """Return the entries of a ``.po`` file without its header.

    Raises:
        CatalogueError: a line is none of ``#...``, ``msgid``, ``msgstr`` or a continued string, or a message
            stands twice.
    """
    entries: dict[str, Entry] = {}
    fields: dict[str, str] = {}
    sources: list[str] = []
    current = ""

    def finish() -> None:
        key = fields.get("msgid", "")
        if key in entries:
            raise CatalogueError(f"the message {key!r} stands twice")
        if key:
            entries[key] = Entry(key, fields.get("msgstr", ""), tuple(sources))
        fields.clear()
        sources.clear()

    for number, line in enumerate(content.splitlines(), 1):
        line = line.strip()
        keyword, _, rest = line.partition(" ")
        if not line or line.startswith("#"):
            if "msgstr" in fields:
                finish()
            if line.startswith("#:"):
                sources += line[2:].split()
        elif keyword in ("msgid", "msgstr") and _STRING.fullmatch(rest.strip()):
            if keyword == "msgid" and "msgstr" in fields:
                finish()
            current, fields[keyword] = keyword, _unquote(rest.strip())
        elif _STRING.fullmatch(line) and current:
            fields[current] += _unquote(line)
        else:
            raise CatalogueError(f"line {number} is not understood: {line}")
    if "msgstr" in fields:
        finish()
    return tuple(entries.values())


def write(entries: Iterable[Entry], language: str) -> str:
    """Return the text of a ``.po`` file that ``read`` and every gettext tool understand."""
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    blocks = [header]
    for entry in entries:
        comments = "".join(f"#: {source}\n" for source in entry.sources)
        blocks.append(f"{comments}msgid {_quote(entry.key)}\nmsgstr {_quote(entry.text)}\n")
    return "\n".join(blocks)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = escaped.split("\n")
    if len(lines) == 1:
        return f'"{escaped}"'
    pieces = [line + "\\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n".join(['""', *(f'"{piece}"' for piece in pieces)])


def _unquote(literal: str) -> str:
    return str(ast.literal_eval(literal))
