"""Batch norm's formulas with numbers: what they say is what PyTorch has computed."""

import re

import pytest

from explainer.playground.normalising import follow
from explainer.render.norm_formulas import normalisations, running_updates


def value_of(latex: str) -> float:
    """Reckon an expression of numbers."""
    plain = latex.replace(r"\cdot", "*").replace("10^{-5}", "1e-5")
    plain = re.sub(r"\\frac\{(.*)\}\{\\sqrt\{(.*)\}\}", r"((\1) / (\2) ** 0.5)", plain)
    return eval(plain, {"__builtins__": {}})  # only numbers and signs, made a line above


@pytest.mark.parametrize("number", [1, 6])
def test_what_stands_between_the_signs_of_equality_is_equal(number):
    found = follow(3, 6, size=4, momentum=0.5)
    for formula in (*running_updates(found, number, 0.5), *normalisations(found, number)):
        _, numbers, result = formula.split(" = ")
        assert value_of(numbers) == pytest.approx(float(result), abs=1e-3)  # of numbers with four decimals


def test_the_results_are_those_of_torch():
    found = follow(3, 6, size=4, momentum=0.5)
    written = [
        formula.split(" = ")[-1] for formula in (*running_updates(found, 6, 0.5), *normalisations(found, 6))
    ]
    computed = (
        found.running_means[6],
        found.running_variances[6],
        found.in_training[5],
        found.in_evaluation[5],
    )
    assert written == [f"{one:.4f}" for one in computed]
