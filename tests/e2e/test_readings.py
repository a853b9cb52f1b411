"""One pixel, four readings: the sum, what it can see, what it does see, what it means for the answer."""

import pytest
from network_page import NetworkPage, best, expect, plain, traced

from explainer.attribution import unit_contribution
from explainer.tracing import receptive_field

pytestmark = pytest.mark.e2e


def test_the_four_readings_of_a_pixel_are_those_of_the_trace(app_server, open_page):
    map_page = NetworkPage(open_page(app_server("?image=coffee&at=conv_2_1/3/10,14"))).ready("tiny_vgg")
    readings = map_page.card.locator(".cs-readings")
    recorded = traced("tiny_vgg", "coffee")
    node = recorded["conv_2_1"]
    field = receptive_field(recorded, node, 10, 14)
    height, width = (int(side) for side in field.size)
    expect(readings.locator("figure").first).to_contain_text(f"{height} × {width}")
    expect(readings.locator("figure").last).to_contain_text("by gradient")
    expect(readings).to_contain_text(best(recorded, "tiny_vgg"))
    answer = int(recorded["softmax"].output.argmax())
    unit = unit_contribution(recorded, node, 3, 10, 14, recorded["output"], answer)
    expect(readings.locator("strong")).not_to_have_text("…")
    assert plain(readings.locator("strong").inner_text()) == pytest.approx(unit.share, rel=0.02)


def test_the_box_follows_the_pixel(app_server, open_page):
    page = open_page(app_server("?image=coffee&at=conv_2_1/3/10,14"))
    map_page = NetworkPage(page).ready("tiny_vgg")
    picture = map_page.card.get_by_role("img", name="can see")
    expect(picture.first).to_have_accessible_name(
        "can see 10 × 10 pixels of the image, from row 20, column 28"
    )
    page.keyboard.press("ArrowRight")
    expect(picture.first).to_have_accessible_name(
        "can see 10 × 10 pixels of the image, from row 20, column 30"
    )
