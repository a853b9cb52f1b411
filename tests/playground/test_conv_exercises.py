"""Exercises on the 2-D convolution: the answers hold for an independent computation, for many seeds."""

import re

import numpy as np
import pytest
from scipy.signal import correlate2d

from explainer.playground.exercises import make
from explainer.playground.exercises.conv import EXERCISES

SEEDS = range(1, 30)


def test_output_sizes_by_the_formula_in_words():
    for seed in SEEDS:
        asked = make(EXERCISES, seed)["output_size"]
        code = str(asked.fields["code"])
        kernel = int(code.split(", ")[2].rstrip(")"))
        stride, padding = (
            int(found[1]) if (found := re.search(rf"{name}=(\d)", code)) else usual
            for name, usual in (("stride", 1), ("padding", 0))
        )
        expected = tuple(
            (int(asked.fields[side]) + 2 * padding - kernel) // stride + 1 for side in ("rows", "columns")
        )
        assert asked.answer == expected


def numbers(matrix: str) -> np.ndarray:
    inside = matrix.split("}", 1)[1].rsplit(r"\end", 1)[0]
    return np.array([[float(one) for one in line.split("&")] for line in inside.split(r"\\")])


def test_one_value_by_scipy():
    for seed in SEEDS:
        asked = make(EXERCISES, seed)["one_value"]
        window, kernel = numbers(asked.fields["window"]), numbers(asked.fields["kernel"])
        expected = correlate2d(window, kernel, "valid").item() + asked.fields["bias"]
        assert asked.answer == pytest.approx(expected)
        assert eval(asked.fields["terms"].replace(r"\cdot", "*")) + asked.fields["bias"] == asked.answer


def test_same_padding_and_windows_agree_with_their_reasons():
    for seed in SEEDS:
        made = make(EXERCISES, seed)
        same, windows = made["same_padding"], made["how_many_windows"]
        assert same.answer == same.fields["dilation"] * (same.fields["kernel"] - 1) // 2
        assert windows.answer == windows.fields["down"] * windows.fields["across"]
