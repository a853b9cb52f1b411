"""Plots of the reference results show the figures they are given."""

import pytest

from explainer.render.reference import by_size, by_way
from explainer.training.reference.tables import Mean, Row


def row(way, size, *tests):
    mean = sum(tests) / len(tests)
    spread = (sum((one - mean) ** 2 for one in tests) / (len(tests) - 1)) ** 0.5 if len(tests) > 1 else None
    found = Mean(mean, spread, len(tests))
    return Row(way, way.title(), size, tests, found, found, None)


def test_a_line_for_each_way_in_the_order_of_sizes():
    rows = [row("a", 100, 0.6, 0.8), row("a", 20, 0.5), row("b", 20, 0.3, 0.4)]
    found = by_size(rows, {"a": "A <b>", "b": "B"}, x="images", y="accuracy")
    first, second = found.data
    assert (list(first.x), list(first.y)) == ([20, 100], pytest.approx([0.5, 0.7]))
    assert list(first.error_y.array) == pytest.approx([0, 0.02**0.5])
    assert first.name == "A &lt;b&gt;"
    assert list(second.x) == [20]
    assert found.layout.xaxis.type == "log"
    assert list(found.layout.xaxis.tickvals) == [20, 100]


def test_seeds_means_and_the_baseline():
    rows = [row("b", 10, 0.5, 0.7), row("none", 10, 0.4, 0.5)]
    found = by_way(rows, {"b": "B", "none": "nothing"}, baseline="none", x="accuracy")
    seeds, means = found.data
    assert sorted(zip(seeds.y, seeds.x, strict=True)) == [(0, 0.5), (0, 0.7), (1, 0.4), (1, 0.5)]
    assert list(means.x) == pytest.approx([0.6, 0.45])
    assert list(means.error_x.array) == pytest.approx([0.02**0.5, 0.005**0.5])
    assert [line.x0 for line in found.layout.shapes] == pytest.approx([0.45])
    assert list(found.layout.yaxis.ticktext) == ["B", "nothing"]
    assert found.layout.yaxis.range[0] > found.layout.yaxis.range[1]  # the first one on top
