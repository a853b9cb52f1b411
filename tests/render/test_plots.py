"""The one look of all plots."""

import re

import pytest

from explainer.render.figures import COLOURS, NEUTRAL, Line, bars, curves, histogram


def luminance(colour: str) -> float:
    parts = [int(pair, 16) / 255 for pair in re.findall("..", colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("background", ["#ffffff", "#14171a"])
def test_colours_hold_on_both_backgrounds(background):
    for colour in (*COLOURS, NEUTRAL):
        light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour


def test_curves_differ_in_dash_as_well_as_in_colour():
    figure = curves(
        [Line("a", [0, 1], [1, 2]), Line("b", [0, 1], [2, 1]), Line("chance", [0, 1], [0, 0], neutral=True)],
        y_range=(0, 1),
        mark=0.5,
    )
    looks = {(trace.line.color, trace.line.dash) for trace in figure.data}
    assert len({colour for colour, _ in looks}) == len({dash for _, dash in looks}) == 3
    assert figure.data[2].line.color == NEUTRAL
    assert figure.layout.showlegend
    assert tuple(figure.layout.yaxis.range) == (0, 1)
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"


def test_bars_of_equal_names_stay_apart():
    figure = bars(["crane", "crane"], [("before", [0.9, 0.1]), ("after", [0.2, 0.8])])
    assert list(figure.layout.yaxis.ticktext) == ["crane", "crane"]
    assert [list(trace.x) for trace in figure.data] == [[0.9, 0.1], [0.2, 0.8]]
    assert list(figure.data[0].y) == [0, 1]


def test_a_histogram_stands_between_its_edges():
    figure = histogram([-1, 0, 2], [3, 5])
    (trace,) = figure.data
    assert list(trace.x) == [-0.5, 1.0]
    assert list(trace.width) == [1, 2]
    assert list(trace.y) == [3, 5]
