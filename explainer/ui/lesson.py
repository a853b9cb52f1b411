"""Lesson texts: Markdown files, one for each language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from explainer.ui.catalogue import SOURCE_LANGUAGE
from explainer.ui.language import current_language, t

TEXTS = Path(__file__).parents[2] / "assets" / "text"


def lesson(name: str, *, title: str | None = None) -> None:
    """Draw the lesson ``assets/text/<language>/<name>.md``, folded: Markdown with formulas between dollars.

    A question that the reader should answer first hides its answer in ``<details>``.
    """
    with st.expander(title or t("What is this?"), icon=":material/menu_book:"):
        st.markdown(lesson_text(name), unsafe_allow_html=True)


def lesson_text(name: str) -> str:
    """Return a lesson in the reader's language, as Markdown with a little HTML."""
    return _read(name, current_language())


@cache
def _read(name: str, language: str) -> str:
    path = TEXTS / language / f"{name}.md"
    return (path if path.is_file() else TEXTS / SOURCE_LANGUAGE / f"{name}.md").read_text("utf-8")
