"""Keep the catalogues in step with the source: ``python -m explainer.ui.translations``.

Every text that a reader can see is found by reading the source: ``t("...")``, ``later("...")`` and
``Phrase("...")`` in Python, the sentences of ``ReaderError`` and of exceptions derived from it, and
``text("...")`` or ``store.text("...")`` in ES modules. What has no letters beside its fields needs none.
New texts are added to each catalogue with an empty translation, unused ones are dropped. ``--check`` changes
nothing and fails if anything is missing, unused, or fills other fields than its English text.
"""

from __future__ import annotations

import argparse
import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from explainer.ui import catalogue
from explainer.ui.catalogue import Entry

ROOT = Path(__file__).parents[2]
PLACES = ("app.py", "pages", "explainer")
TRANSLATED = tuple(code for code in catalogue.LANGUAGES if code != catalogue.SOURCE_LANGUAGE)
CALLS = frozenset({"t", "later", "Phrase"})
ERROR = "ReaderError"

_JAVASCRIPT_CALL = re.compile(
    r"""(?:(?<![\w.])|\bstore\.)text\(\s*(?P<literals>(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)
        (?:\s*\+\s*(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))*)\s*[,)]""",
    re.VERBOSE,
)
_JAVASCRIPT_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`(?:[^`\\]|\\.)*`')


def javascript_texts(source: str) -> list[str]:
    """Return the literals given to ``text(...)`` or ``store.text(...)`` in an ES module, in order."""
    return [
        "".join(_evaluate(piece) for piece in _JAVASCRIPT_STRING.findall(match["literals"]))
        for match in _JAVASCRIPT_CALL.finditer(source)
    ]


def python_texts(source: str, errors: Iterable[str] = (ERROR,)) -> list[str]:
    """Return the literals given to ``t``, ``later`` or one of the exceptions in ``errors``, in order.

    A constant of the module that is given to one of them counts as its literal.

    Raises:
        ValueError: an f-string is given to one of them; it could never be found in a catalogue.
    """
    tree = ast.parse(source)
    names = CALLS | set(errors)
    constants = _constants(tree)
    found: list[tuple[int, int, str]] = []
    calls = [(node, _name(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    supers = {id(call) for base in _error_classes(tree, set(errors)) for call in _super_calls(base)}
    for call, name in calls:
        if not call.args or not (name in names or id(call) in supers):
            continue
        first = call.args[0]
        if isinstance(first, ast.JoinedStr):
            raise ValueError(f"line {first.lineno}: {name} is given an f-string; use {{fields}} and keywords")
        found += [(first.lineno, first.col_offset, text) for text in _strings(first, constants)]
    return [text for _, _, text in sorted(found, key=lambda one: one[:2])]


def _constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts that are constants of a module, by name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _strings(given: ast.expr, constants: Mapping[str, str]) -> list[str]:
    """Return the texts that an argument may stand for, as far as that can be read."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return [given.value]
    if isinstance(given, ast.Name) and given.id in constants:
        return [constants[given.id]]
    if isinstance(given, ast.IfExp):
        return [*_strings(given.body, constants), *_strings(given.orelse, constants)]
    return []


def collect(root: Path = ROOT) -> dict[str, tuple[str, ...]]:
    """Return every text of the project and the files that use it, in the order of the files."""
    files = [path for place in PLACES for path in _files(root / place)]
    sources = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in files}
    errors = {ERROR}
    trees = [ast.parse(source) for name, source in sources.items() if name.endswith(".py")]
    size = 0
    while size != len(errors):  # classes derived from derived classes, in whatever file they stand
        size = len(errors)
        errors |= {node.name for tree in trees for node in _error_classes(tree, errors)}
    used: dict[str, list[str]] = {}
    for name, source in sources.items():
        try:
            texts = python_texts(source, errors) if name.endswith(".py") else javascript_texts(source)
        except ValueError as error:
            raise ValueError(f"{name}, {error}") from error
        for text in filter(needs_translation, dict.fromkeys(texts)):
            used.setdefault(text, []).append(name)
    return {text: tuple(names) for text, names in used.items()}


def fields(text: str) -> frozenset[str]:
    """Return the names in ``{}`` of a text."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def needs_translation(text: str) -> bool:
    """Whether there is a word in ``text`` beside its fields."""
    return any(letter.isalpha() for literal, *_ in string.Formatter().parse(text) for letter in literal)


def problems(language: str, root: Path = ROOT) -> list[str]:
    """Return what is wrong with a catalogue, one sentence each; empty when it is complete."""
    used = collect(root)
    entries = {entry.key: entry for entry in catalogue.read(catalogue.path_of(language).read_text("utf-8"))}
    found = [f"missing: {key!r} ({names[0]})" for key, names in used.items() if key not in entries]
    found += [f"not translated: {key!r}" for key, entry in entries.items() if key in used and not entry.text]
    found += [f"unused: {key!r}" for key in entries if key not in used]
    for key, entry in entries.items():
        try:
            same = fields(key) == fields(entry.text)
        except ValueError as error:
            found.append(f"braces do not match ({error}): {entry.text!r}")
            continue
        if entry.text and not same:
            found.append(f"other fields than its English text: {entry.text!r}")
    return found


def update(language: str, root: Path = ROOT) -> str:
    """Return the catalogue's new content: the texts in use with the translations it already had."""
    path = catalogue.path_of(language)
    known = (
        {entry.key: entry.text for entry in catalogue.read(path.read_text("utf-8"))} if path.exists() else {}
    )
    used = collect(root)
    return catalogue.write((Entry(key, known.get(key, ""), names) for key, names in used.items()), language)


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from sorted(path for path in place.rglob("*") if path.suffix in (".py", ".js"))
    elif place.exists():
        yield place


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _error_classes(tree: ast.AST, errors: set[str]) -> list[ast.ClassDef]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(_name(base) in errors for base in node.bases)
    ]


def _super_calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield ``super().__init__(...)`` calls."""
    for node in ast.walk(scope):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "__init__"
        ):
            yield node


def _evaluate(literal: str) -> str:
    """Return the value of a JavaScript string whose escapes Python reads alike."""
    if literal[0] == "`":
        literal = '"""' + literal[1:-1] + '"""'
    return str(ast.literal_eval(literal))


def main(arguments: list[str] | None = None) -> int:
    """Update the catalogues, or check them; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail on any problem")
    options = parser.parse_args(arguments)
    failed = False
    for language in TRANSLATED:
        if not options.check:
            path = catalogue.path_of(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(update(language), "utf-8")
        found = problems(language)
        failed |= bool(found)
        print(f"{language}: {len(found)} problems", *found, sep="\n  ")
    return 1 if failed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
