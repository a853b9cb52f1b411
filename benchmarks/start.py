"""From the start of the process to the first page and the first map painted in Chromium, beside bare apps."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.browser import SCRIPT
from benchmarks.measure import Result, ratio
from scripts.driver import ROOT, launch, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BAR = 1.1
ROUNDS = 5
EMPTY = 'import streamlit as st\n\nst.write("painted")\n'
IMPORTING = (
    'import streamlit as st\n\nst.write("ready")\nimport torch\nimport torchvision\n\nst.write("painted")\n'
)


@dataclass(frozen=True)
class Start:
    """What is started, and what is waited for: conditions of page.js, each a milestone."""

    script: Path
    milestones: Mapping[str, tuple[str, str]]


def run() -> Iterator[Result]:
    """Start fresh servers in turns; yields the results."""
    folder = Path(tempfile.mkdtemp())
    for name, source in (("empty", EMPTY), ("importing", IMPORTING)):
        (folder / f"{name}.py").write_text(source, "utf-8")
    starts = (
        Start(folder / "empty.py", {"empty": ("text", "painted")}),
        Start(
            ROOT / "app.py",
            {
                "first paint": ("head", ""),
                "whole first page": ("page", ""),
                "pictures": ("pictures", ""),
                "first map": ("painted", ""),
            },
        ),
        Start(folder / "importing.py", {"importing": ("text", "painted")}),
    )
    seconds: dict[str, list[float]] = {name: [] for start in starts for name in start.milestones}
    with launch() as browser:
        for turn in range(ROUNDS + 1):  # the first fills the disk's cache
            for start in starts if turn % 2 else reversed(starts):
                found = _start(browser, start, folder)
                for name, value in found.items():
                    if turn:
                        seconds[name].append(value)
    for ours, bare, what in (
        ("first paint", "empty", "an empty app"),
        ("whole first page", "empty", "an empty app"),
        ("first map", "importing", "an empty app that imports torch and torchvision"),
    ):
        detail = f"{_seconds(seconds[ours])} against {_seconds(seconds[bare])}"
        if ours == "whole first page":
            detail += f"; with the samples' pictures {_seconds(seconds['pictures'])}"
        yield Result(f"{ours} / {what}", ratio(seconds, ours, bare), BAR, detail)


def _start(browser: Browser, start: Start, folder: Path) -> dict[str, float]:
    """Return seconds from the start of a server to each milestone painted, in a browser without any cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(SCRIPT)
    page = context.new_page()
    begin = time.perf_counter()
    found = {}
    with serving(start.script, folder / "log.txt") as app:
        page.goto(app.url, wait_until="commit")
        for name, (condition, argument) in start.milestones.items():
            page.evaluate("([name, argument]) => bench.until(name, argument)", [condition, argument])
            found[name] = time.perf_counter() - begin
    context.close()
    return found


def _seconds(values: list[float]) -> str:
    return f"{median(values):.2f} s (least {min(values):.2f})"
