"""The pooling part: sliders and code are one thing, the link holds it, odd links do no harm."""

import page_parts
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.playground.cells import write_cells
from explainer.render.wire import unpack


def visit(**link: str) -> AppTest:
    return page_parts.visit("playground", "pooling", **link)


def view(page: AppTest) -> dict:
    return next(
        unpack(one.proto.bytes)
        for one in page.get("bidi_component")
        if one.proto.component_name.endswith("pool_view")
    )


def test_the_code_moves_the_sliders_and_the_other_way_round():
    page = visit()
    assert page.text_input(key="pool_code").value == "nn.MaxPool2d(2)"
    page.slider(key="pool_kernel_size").set_value(3).run()
    assert page.text_input(key="pool_code").value == "nn.MaxPool2d(3)"
    assert page.query_params["layer"] == "nn.MaxPool2d(3)"
    page.text_input(key="pool_code").set_value("nn.AvgPool2d(4, stride=2, padding=1)").run()
    sliders = {name: page.slider(key=f"pool_{name}").value for name in ("kernel_size", "stride", "padding")}
    assert sliders == {"kernel_size": 4, "stride": 2, "padding": 1}
    assert page.toggle(key="pool_count_include_pad").value
    assert view(page)["before"].size == 4 * 4
    page.toggle(key="pool_ceil_mode").set_value(True).run()
    assert "ceil_mode=True" in page.text_input(key="pool_code").value
    assert not page.exception


def test_a_smaller_window_takes_its_padding_along():
    page = visit(layer="nn.MaxPool2d(4, padding=2)")
    page.slider(key="pool_kernel_size").set_value(2).run()
    assert page.query_params["layer"] == "nn.MaxPool2d(2, padding=1)"


def test_painted_cells_and_a_move_in_the_link():
    cells = torch.zeros(1, 8, 8)
    cells[0, 0, 1] = 7
    page = visit(cells=write_cells(cells), dx="1", dy="0", layer="nn.MaxPool2d(2)")
    shown = view(page)
    assert shown["before"][0] == 7
    assert shown["before"].sum() == 7
    assert shown["after"].tolist()[:2] == [0, 7]  # the seven crossed the border of its window


def test_average_and_global_pooling():
    page = visit(layer="nn.AdaptiveAvgPool2d(1)", input="digit")
    shown = view(page)
    assert shown["before"].item() == pytest.approx(float(shown["values"].mean()), abs=1e-6)
    page = visit(layer="nn.AvgPool2d(8)")
    assert view(page)["before"].item() == pytest.approx(float(view(page)["values"].mean()), abs=1e-5)


@pytest.mark.parametrize(
    "query",
    [
        {"layer": "nn.Conv2d(3, 8, 3)"},
        {"layer": "__import__('os')"},
        {"layer": "nn.MaxPool2d(2, padding=2)"},
        {"input": "film", "digit": "x", "dx": "99", "dy": "-", "cells": "!!"},
        {"input": "digit", "digit": "7", "dx": "-8", "dy": "8"},
        {"input": "photo", "image": "no-such-picture"},
        {"cells": write_cells(torch.full((2, 3, 3), 99.0))},
        {"layer": "nn.MaxPool2d((2, 3), stride=(1, 2), dilation=2)", "input": "digit"},
        {"layer": "nn.AdaptiveMaxPool2d((3, 2))"},
    ],
)
def test_odd_links(query):
    page = visit(**query)
    assert not page.exception
    assert not page.error, [error.value for error in page.error]


def test_a_window_larger_than_the_input_is_said():
    page = visit(layer="nn.MaxPool2d(9)")
    assert "larger than the data" in page.error[0].value
    page.slider(key="pool_kernel_size").set_value(2).run()
    assert not page.error


def test_the_worksheet_prints():
    page = visit(view="worksheet")
    assert not page.exception
    assert any("pooling" in one.value.lower() for one in page.markdown)
