"""The receptive field on the screen: map and photo point at each other, with the numbers of the library."""

from __future__ import annotations

import re

import pytest
from e2e.network_page import run_code, traced
from playwright.sync_api import expect

from explainer.tracing import effective_receptive_field, receptive_field

pytestmark = pytest.mark.e2e

LAYER = "conv_2_2"


class FieldView:
    """What a reader does with one view and reads from it."""

    def __init__(self, page, number: int = 0):
        self.page = page
        self.root = page.locator(".fv").nth(number)
        expect(self.root).to_have_attribute("data-box", re.compile(","), timeout=60_000)

    @property
    def unit(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.root.get_attribute("data-unit").split(","))

    @property
    def box(self) -> tuple[float, ...]:
        return tuple(float(part) for part in self.root.get_attribute("data-box").split(","))

    def point(self, pane: int, v: float, u: float, *, click: bool = False) -> None:
        """Put the pointer on a share of the map (pane 0) or the photo (pane 1), which are squares."""
        canvas = self.root.locator(".fv-stage canvas").nth(pane)
        canvas.scroll_into_view_if_needed()
        size = canvas.bounding_box()
        side = size["height"] - 4
        left = size["x"] + (size["width"] - side) / 2
        spot = (left + u * side, size["y"] + 2 + v * side)
        (self.page.mouse.click if click else self.page.mouse.move)(*spot)

    def shows(self, unit: tuple[int, int]) -> None:
        expect(self.root).to_have_attribute("data-unit", f"{unit[0]},{unit[1]}")


@pytest.fixture(scope="module")
def recorded():
    return traced("tiny_vgg", "drawn-lifeboat")


def open_field(open_page, app, place: str, **options) -> FieldView:
    return FieldView(
        open_page(app(f"layers?tab=field&model=tiny_vgg&image=drawn-lifeboat&at={place}"), **options)
    )


def test_moving_on_the_map_moves_the_box_without_a_request(app_server, open_page, recorded):
    sent = []
    page = open_page()
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(app_server(f"layers?tab=field&model=tiny_vgg&image=drawn-lifeboat&at={LAYER}/3/10,8"))
    view = FieldView(page)
    node = recorded[LAYER]
    assert view.box == receptive_field(recorded, node, 10, 8).box
    expect(view.root).to_have_attribute("data-heat", re.compile(r"\d"))
    expect(page.get_by_test_id("stStatusWidget")).to_be_hidden()
    before = len(sent)
    for y, x in ((0, 0), (12, 20), (25, 25), (3, 14)):
        view.point(0, (y + 0.5) / 26, (x + 0.5) / 26)
        view.shows((y, x))
        assert view.box == receptive_field(recorded, node, y, x).box
        value = view.root.locator(".fv-readout strong").first.inner_text()
        assert float(value.replace("−", "-")) == pytest.approx(node.output[0, 3, y, x].item(), rel=1e-3)
    assert len(sent) == before
    page.mouse.move(5, 5)
    view.shows((10, 8))


def test_a_click_on_the_photo_selects_the_unit_that_looks_there(app_server, open_page, recorded):
    view = open_field(open_page, app_server, f"{LAYER}/3")
    node = recorded[LAYER]
    view.point(1, 40.5 / 64, 20.5 / 64, click=True)
    centres = {
        (y, x): ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for y in range(26)
        for x in range(26)
        if (box := receptive_field(recorded, node, y, x).box)
    }
    nearest = min(centres, key=lambda unit: (centres[unit][0] - 40.5) ** 2 + (centres[unit][1] - 20.5) ** 2)
    y, x = view.unit
    assert abs(y - nearest[0]) + abs(x - nearest[1]) <= 1  # a click is as exact as the screen's pixels
    assert view.page.url.endswith(f"at={LAYER}/3/{y},{x}") or f"{y}%2C{x}" in view.page.url
    assert view.box == receptive_field(recorded, node, y, x).box
    expect(view.root).to_have_attribute("data-heat", re.compile(r"\d"))
    expected = float(effective_receptive_field(recorded, node, 3, y, x).max())
    assert float(view.root.get_attribute("data-heat")) == pytest.approx(expected, rel=1e-4)


def test_keys_channels_and_the_way_back_from_the_image(app_server, open_page, recorded):
    view = open_field(open_page, app_server, f"{LAYER}/3/10,8")
    page = view.page
    view.root.locator(".fv-stage").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    view.shows((11, 18))
    assert view.box == receptive_field(recorded, recorded[LAYER], 11, 18).box
    page.keyboard.press("PageDown")
    expect(page.get_by_text("conv_2_2, channel 4")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(rf"at={LAYER}(/|%2F)4$"))
    sizes = view.root.locator(".fv-step-size").all_inner_texts()
    assert sizes == ["1 × 1", "3 × 3", "5 × 5", "6 × 6", "10 × 10", "14 × 14"]
    view.root.get_by_role("option", name="conv_2_1").click()
    expect(view.root).to_have_attribute("data-node", "conv_2_1")
    expect(page).to_have_url(re.compile("at=conv_2_1"))
    box = receptive_field(recorded, recorded["conv_2_1"], *view.unit).box
    assert view.box == box


def test_the_average_over_photos_and_the_code(app_server, open_page):
    view = open_field(open_page, app_server, f"{LAYER}/3/10,8", width=420, theme="dark")
    page = view.page
    page.get_by_role("button", name="Average over 12 sample photos").click()
    expect(view.root.get_by_text("Average over 12 photos")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Average over 12 sample photos")).to_be_hidden()
    page.get_by_text("average over photos", exact=True).click()
    expect(view.root.get_by_text("Average over 12 photos")).to_be_hidden()
    page.get_by_text("Show the PyTorch code").click()
    code = page.locator("[data-testid=stCode] code").first.inner_text()
    box, measures, peak = run_code(code)
    assert box == "(20.0, 16.0, 34.0, 30.0) exact"
    assert measures == "(14.0, 14.0) (2.0, 2.0) (0.0, 0.0)"
    assert float(peak) == pytest.approx(float(view.root.get_attribute("data-heat")), rel=1e-4)


TWO_VIEWS = """
import streamlit as st
import torch
from explainer.components.field_view import field_view
from explainer.models import load_model
from explainer.render.fields import opening
from explainer.render.wire import pack
from explainer.samples import sample
from explainer.tracing import trace

torch.set_num_threads(1)
loaded = load_model("tiny_vgg")
for column, key, name in zip(st.columns(2), "ab", ("conv_1_1", "conv_2_2")):
    images = loaded.preprocessing.apply(sample("drawn-lifeboat").load())
    recorded = trace(loaded.model, images)
    message = opening(recorded, recorded[name], loaded.preprocessing.as_seen(images), 0)
    frame = {"messages": [message], "identity": key, "address": False, "link": "both"}
    with column:
        field_view(pack(frame), key=key)
"""


def test_two_views_look_at_the_same_part_of_the_photo(serve, open_page, recorded):
    app = serve(TWO_VIEWS)
    page = open_page(app.url)
    left, right = FieldView(page, 0), FieldView(page, 1)
    left.point(0, 30.5 / 62, 20.5 / 62)
    left.shows((30, 20))
    assert left.box == (30, 20, 33, 23)
    right.shows(
        (12, 7)
    )  # boxes of 14 pixels every 2: rows 24 to 38 and columns 14 to 28 lie around 31.5, 21.5
    assert right.box == receptive_field(recorded, recorded["conv_2_2"], 12, 7).box
    assert "at=" not in page.url
