"""Formulas of the lesson texts, and the answers that they hide."""

import re

import pytest

from explainer.ui.lesson import TEXTS, breaking, lesson_text, question_and_answer

NAMES = sorted(path.stem for path in (TEXTS / "en").glob("*.md"))


def test_a_chain_breaks_before_its_later_equals_signs():
    assert breaking("a = b = c") == r"$\displaystyle a = b$ $\displaystyle {} = c$"
    assert breaking("a") == r"$\displaystyle a$"


@pytest.mark.parametrize("name", NAMES)
def test_formulas_on_lines_of_their_own_are_set_large_and_whole(name):
    text = lesson_text(name)
    assert not re.search(r"^\$\$.+\$\$$", text, re.MULTILINE)
    for formula in re.findall(r"\$\\displaystyle (.*?)\$", text):
        assert formula.count("{") == formula.count("}")
        assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula))
        assert formula.count(r"\begin") == formula.count(r"\end")


def test_a_question_is_printed_without_its_answer():
    question, answer = question_and_answer("playground_pooling")
    assert "<details" not in question
    assert "Sources" in question
    assert answer.startswith("No.") or answer
    assert answer in lesson_text("playground_pooling")
    assert answer not in question
