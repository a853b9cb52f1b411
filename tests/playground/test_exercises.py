"""Exercises: what counts as the right answer, and that a seed always gives the same ones."""

import random
import string

import pytest

from explainer.errors import ReaderError
from explainer.playground.exercises import Exercise, make, matrix, read_numbers, written
from explainer.ui.architectures import PARTS as ARCHITECTURES
from explainer.ui.foundations import PARTS as FOUNDATIONS
from explainer.ui.lesson import TEXTS
from explainer.ui.playground import PARTS as PLAYGROUND

PARTS = (*PLAYGROUND, *FOUNDATIONS, *ARCHITECTURES)


@pytest.mark.parametrize(
    ("answer", "tolerance", "given", "right"),
    [
        (7, 0, "7", True),
        (7, 0, " 7.0 ", True),
        (7, 0, "8", False),
        (0.25, 0.01, "1/4", True),
        (0.25, 0.01, "0.27", False),
        (-3, 0, "−3", True),
        ((1, 2, 3), 0, "1, 2 3", True),
        ((1, 2, 3), 0, "（１、２、３）", True),
        ((1, 2, 3), 0, "1 2", False),
        ((1, 2, 3), 0, "3 2 1", False),
    ],
)
def test_answers_are_judged(answer, tolerance, given, right):
    assert Exercise("?", answer, "!", tolerance=tolerance).accepts(given) is right


@pytest.mark.parametrize("given", ["", "  ", "seven", "1/0", "nan", "1e999", "1 2", "__import__('os')"])
def test_what_is_no_answer_is_said(given):
    with pytest.raises(ReaderError):
        Exercise("?", 7, "!").accepts(given)


def test_one_choice_is_right():
    exercise = Exercise("?", "same", "!", choices=("larger", "same"))
    assert exercise.accepts("same")
    assert not exercise.accepts("larger")
    with pytest.raises(ValueError, match="none of the choices"):
        Exercise("?", "smaller", "!", choices=("larger", "same"))


def test_numbers_are_written_as_one_would():
    assert written((28, 28)) == "28 28"
    assert written(7) == "7"
    assert written(1 / 3) == "0.3333"
    assert read_numbers("[2; 4.5]") == (2.0, 4.5)
    assert matrix([(1, 0), (-0.5, 2)]) == r"\begin{bmatrix}1 & 0 \\ -0.5 & 2\end{bmatrix}"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.lesson)
def test_every_part_has_exercises_that_a_seed_repeats(part):
    made = make(part.makers, 1)
    assert len(made) >= 2
    assert make(part.makers, 1) == made
    others = [make(part.makers, seed) for seed in range(2, 12)]
    assert any(other != made for other in others)
    for exercise in (one for each in (made, *others) for one in each.values()):
        assert exercise.accepts(exercise.answer if exercise.choices else written_exactly(exercise))
        fields = {name for text in (exercise.question, exercise.why) for name in fields_of(text)}
        assert not exercise.fields or fields <= exercise.fields.keys()


def written_exactly(exercise: Exercise) -> str:
    return written(exercise.answer) if isinstance(exercise.answer, tuple) else repr(exercise.answer)


def fields_of(text: str) -> list[str]:
    return [name for _, name, *_ in string.Formatter().parse(text) if name] if "{{" not in text else []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.lesson)
def test_every_part_has_what_draws_it_and_a_lesson_with_its_sources(part):
    assert callable(part.draw)
    for language, word in (("en", "Source"), ("ja", "出典")):
        text = (TEXTS / language / f"{part.lesson}.md").read_text("utf-8")
        assert word in text
        assert len(text) > 300


def test_a_seed_says_the_same_whatever_else_is_asked():
    makers = {"a": lambda rng: Exercise("?", rng.randint(0, 10**6), "!")}
    alone = make(makers, 5)["a"]
    more = {"b": lambda rng: Exercise("?", random.Random(rng.random()).randint(0, 9), "!")} | makers
    assert make(more, 5)["a"] == alone
