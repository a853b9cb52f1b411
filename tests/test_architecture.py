"""The rooms of the house and the arrows between them, read from the imports."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "explainer"
CORE = ("tracing", "attribution", "layers", "models", "detection", "training", "playground")
LEVELS = {"pages": 4, "ui": 3, "components": 2, "live": 2, "render": 1} | dict.fromkeys(CORE, 0)
"""Arrows go down, or stay where they are within the core."""
SHARED = {"errors", "wording"}
"""Modules that every room may use."""


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, anywhere in it; relative imports made absolute."""
    found = set()
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: -node.level]) if node.level else []
            base += node.module.split(".") if node.module else []
            found |= {".".join(base)} | {".".join([*base, alias.name]) for alias in node.names}
    return found


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] != "explainer":
        return "pages"
    return parts[1] if len(parts) > 2 else ""


def room_of_module(name: str) -> str:
    parts = name.split(".")
    return parts[1] if parts[0] == "explainer" and len(parts) > 1 else ""


def sources() -> list[Path]:
    return [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted(PACKAGE.rglob("*.py"))]


def test_the_core_is_an_ordinary_library():
    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        if room(path) not in {"pages", "ui", "components"}
        for name in imported(path)
        if name.split(".")[0] in {"streamlit", "streamlit_webrtc"}
    ]
    assert not offenders


def test_arrows_run_one_way():
    offenders = []
    for path in sources():
        here = room(path)
        for name in imported(path):
            there = room_of_module(name)
            if there in SHARED or there == here or there not in LEVELS or here not in LEVELS:
                continue
            core = LEVELS[here] == LEVELS[there] == 0
            if not core and LEVELS[there] >= LEVELS[here]:
                offenders.append(f"{path.relative_to(ROOT)} ({here}) imports {name} ({there})")
    assert not offenders


def test_every_room_has_its_level():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rooms <= LEVELS.keys(), f"give {rooms - LEVELS.keys()} a level here"


def test_the_core_has_no_cycles_between_its_rooms():
    arrows = {name: set() for name in CORE}
    for path in sources():
        if room(path) in arrows:
            arrows[room(path)] |= {room_of_module(name) for name in imported(path)} & arrows.keys() - {
                room(path)
            }

    def reached(start: str) -> set[str]:
        found, todo = set(), list(arrows[start])
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += arrows[name]
        return found

    assert not [name for name in CORE if name in reached(name)]


def test_pages_are_thin():
    long = {path.name for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py")] if _lines(path) > 150}
    assert not long, "logic belongs in explainer/"


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_two_files_of_tests_have_one_name():
    """pytest imports them by their bare names, so the second would not be found."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert not [name for name in set(names) if names.count(name) > 1]
