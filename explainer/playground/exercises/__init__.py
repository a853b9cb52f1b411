"""Exercises: a question to answer before looking, with new numbers for every seed and a computed answer."""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from explainer.errors import ReaderError

Answer = float | int | str | tuple[int, ...]


@dataclass(frozen=True)
class Exercise:
    """One question with its numbers put in.

    ``question``, ``why`` and ``choices`` are English texts marked with ``later``, Markdown with formulas
    between dollars; ``fields`` are put in when they are shown, in the reader's language.
    """

    question: str
    answer: Answer
    """A whole number, a number within ``tolerance``, whole numbers in order, or one of ``choices``."""
    why: str
    fields: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    """Of a multiple choice; empty where the answer is typed."""
    tolerance: float = 0.0
    """By how much a typed number may differ from the answer."""

    def __post_init__(self) -> None:
        if self.choices and self.answer not in self.choices:
            raise ValueError(f"{self.answer!r} is none of the choices {self.choices}")

    def accepts(self, given: str) -> bool:
        """Whether what the reader chose or typed is right.

        Raises:
            ReaderError: it is not the kind of answer that is asked for.
        """
        if self.choices:
            return given == self.answer
        numbers = read_numbers(given)
        if isinstance(self.answer, tuple):
            return numbers == tuple(map(float, self.answer))
        if len(numbers) != 1:
            raise ReaderError("The answer is one number.")
        slack = max(self.tolerance, 1e-9 * abs(float(self.answer)))
        return math.isclose(numbers[0], float(self.answer), rel_tol=0, abs_tol=slack)


Maker = Callable[[random.Random], Exercise]
"""Makes an exercise of a seeded generator; the answer is computed, for example by PyTorch."""


def make(makers: Mapping[str, Maker], seed: int) -> dict[str, Exercise]:
    """Return the exercises of a seed: the same for the same seed, whatever else is asked."""
    return {name: maker(random.Random(f"{name}/{seed}")) for name, maker in makers.items()}


def read_numbers(text: str) -> tuple[float, ...]:
    """Read numbers separated by spaces, commas or semicolons; full-width digits and fractions too.

    Raises:
        ReaderError: something in it is not a number, or there is none.
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("、", ",")
    parts = [part for part in re.split(r"[\s,;]+", plain.strip("()[] \t")) if part]
    if not parts:
        raise ReaderError("Type your answer first.")
    return tuple(_number(part) for part in parts)


def _number(text: str) -> float:
    above, slash, below = text.partition("/")
    try:
        value = float(above) / float(below) if slash else float(text)
    except (ValueError, ZeroDivisionError):
        raise ReaderError("“{text}” is not a number.", text=text) from None
    if not math.isfinite(value):
        raise ReaderError("“{text}” is not a number.", text=text)
    return value


def written(answer: Answer) -> str:
    """Return an answer as it is shown: whole numbers whole, others with four digits."""
    if isinstance(answer, tuple):
        return " ".join(map(str, answer))
    return f"{answer:.4g}" if isinstance(answer, float) else str(answer)


def matrix(rows: Iterable[Sequence[float]]) -> str:
    """Return rows of numbers as a matrix in LaTeX, without dollars, for a field of a question."""
    lines = (" & ".join(f"{value:g}" for value in row) for row in rows)
    return r"\begin{bmatrix}" + r" \\ ".join(lines) + r"\end{bmatrix}"
