"""Lesson texts: Markdown files, one for each language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st

from explainer.ui.catalogue import SOURCE_LANGUAGE
from explainer.ui.language import current_language, t

TEXTS = Path(__file__).parents[2] / "assets" / "text"

_FORMULA = re.compile(r"^\$\$(.+)\$\$$", re.MULTILINE)
_ANSWER = re.compile(r"<details><summary>.*?</summary>(.*?)</details>", re.DOTALL)


def lesson(name: str, *, title: str | None = None) -> None:
    """Draw the lesson ``assets/text/<language>/<name>.md``, folded: Markdown with formulas between dollars.

    A question that the reader should answer first hides its answer in ``<details>``.
    """
    with st.expander(title or t("What is this?"), icon=":material/menu_book:"):
        st.markdown(lesson_text(name), unsafe_allow_html=True)


def lesson_text(name: str) -> str:
    """Return a lesson in the reader's language, as Markdown with a little HTML."""
    return _read(name, current_language())


def question_and_answer(name: str) -> tuple[str, str]:
    """Return a lesson without the answer that it hides, and that answer, empty if it has none."""
    text = lesson_text(name)
    answers = [answer.strip() for answer in _ANSWER.findall(text)]
    return _ANSWER.sub("", text), "\n\n".join(answers)


def breaking(formula: str) -> str:
    """Return a chain of equations as Markdown, set large; it breaks before an equals sign if it must."""
    first, *others = formula.split(" = ")
    if others:
        first = f"{first} = {others.pop(0)}"
    return " ".join(f"$\\displaystyle {part}$" for part in (first, *(f"{{}} = {one}" for one in others)))


def _large(formula: re.Match[str]) -> str:
    """Set a formula that is a line of its own large, but so that it breaks where the screen is narrow."""
    parts = re.split(r"(?:\\qquad\s*)+", formula[1])
    return " &emsp;&emsp; ".join(f"$\\displaystyle {part.strip()}$" for part in parts)


@cache
def _read(name: str, language: str) -> str:
    path = TEXTS / language / f"{name}.md"
    found = path if path.is_file() else TEXTS / SOURCE_LANGUAGE / f"{name}.md"
    return _FORMULA.sub(_large, found.read_text("utf-8"))
