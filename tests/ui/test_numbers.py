"""Numbers in links that anyone may have written."""

import pytest

from explainer.ui.numbers import finite, number_in, pair_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("9", 9),
        ("10", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("", None),
        (None, None),
        ("9" * 5000, None),
    ],
)
def test_only_numbers_within_limits(text, found):
    assert number_in(text, 0, 9) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0.5", 0.5),
        ("-2", -2),
        ("1e-5", 1e-5),
        ("inf", None),
        ("nan", None),
        ("", None),
        (None, None),
        ("1" * 13, None),
    ],
)
def test_only_finite_numbers(text, found):
    assert finite(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0,0", (0, 0)),
        ("2,4", (2, 4)),
        ("3,0", None),
        ("0,5", None),
        ("1", None),
        ("1,", None),
        ("1,2,3", None),
        ("-1,2", None),
        ("", None),
        (None, None),
    ],
)
def test_only_pairs_within_limits(text, found):
    assert pair_in(text, 3, 5) == found
