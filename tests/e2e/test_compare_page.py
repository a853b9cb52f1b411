"""The Compare page in a browser: one pixel of the photo on all sides, without asking the server."""

import re
import struct

import numpy as np
import pytest
import torch
from network_page import plain, traced
from playwright.sync_api import expect

from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import maps, trace

pytestmark = pytest.mark.e2e


class ComparePage:
    """What a reader does on the page and reads from it; texts in English."""

    def __init__(self, page):
        self.page = page
        self.sides = page.locator(".tv-side")
        self.maps = page.locator(".tv-map > canvas")
        self.rows = page.locator(".tv-row")

    def ready(self, sides: int = 2):
        expect(self.sides).to_have_count(sides, timeout=60_000)
        expect(self.maps.nth(sides - 1)).to_have_attribute("data-unit", re.compile(r"\d+,\d+"))
        return self

    def unit(self, side: int) -> tuple[int, int]:
        y, x = self.maps.nth(side).get_attribute("data-unit").split(",")
        return int(y), int(x)

    def value(self, side: int) -> float:
        return float(self.maps.nth(side).get_attribute("data-value"))

    def channel(self, side: int) -> int:
        return int(re.search(r"channel (\d+)", self.rows.nth(side).locator(".tv-where").inner_text())[1])

    def hover(self, canvas, x: float, y: float) -> None:
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def agrees(self, side: int, node, channel: int) -> None:
        """The value on the screen is that of the tensor at the unit that is marked."""
        y, x = self.unit(side)
        assert self.value(side) == pytest.approx(maps(node)[channel, y, x].item(), rel=1e-6, abs=1e-12)


def watch_requests(page) -> list:
    """Everything that goes to the server from now on."""
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.evaluate("""() => {
        window.framesSent = 0;
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...rest) { window.framesSent++; return send.apply(this, rest); };
    }""")
    return sent


def test_one_pixel_moves_on_both_sides_without_the_server(app_server, open_page):
    page = open_page(
        app_server("compare?what=models&model=tiny_vgg&image=coffee&at=conv_1_2&at2=layer1.0.conv1")
    )
    compare = ComparePage(page).ready()
    first, second = traced("tiny_vgg", "coffee")["conv_1_2"], traced("resnet20", "coffee")["layer1.0.conv1"]
    expect(page.get_by_text("Which layers see alike")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0, timeout=60_000)
    sent = watch_requests(page)
    for x, y in ((0.2, 0.3), (0.75, 0.6)):
        for canvas in (page.locator(".tv-photo > canvas").first, compare.maps.nth(1)):
            compare.hover(canvas, x, y)
            # Both networks see the whole square photo, so both units stand at this share of it.
            for side, node in ((0, first), (1, second)):
                _, height, width = maps(node).shape
                expect(compare.maps.nth(side)).to_have_attribute(
                    "data-unit", re.compile("|".join(near(y * height, x * width)))
                )
                compare.agrees(side, node, compare.channel(side))
    assert page.evaluate("window.framesSent") == 0
    assert not sent


def near(y: float, x: float) -> list[str]:
    """Units within one and a half of a place: padding-free layers stand a little inside."""
    rows = range(int(np.floor(y - 2)), int(np.ceil(y + 2)))
    columns = range(int(np.floor(x - 2)), int(np.ceil(x + 2)))
    return [f"^{row},{column}$" for row in rows for column in columns]


def test_keys_move_the_pixel_and_the_link_brings_it_back(app_server, open_page):
    page = open_page(app_server("compare?what=weights&model=tiny_vgg&image=coffee&at=conv_2_2/3/5,6"))
    compare = ComparePage(page).ready()
    assert compare.unit(0) == compare.unit(1) == (5, 6)
    assert compare.channel(0) == compare.channel(1) == 3
    compare.maps.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(compare.maps.nth(1)).to_have_attribute("data-unit", "6,7")
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile(r"at=conv_2_2%2F(?!3%2F)\d+%2F6%2C7"))
    for side in (0, 1):
        expect(compare.rows.nth(side).locator(".tv-where")).not_to_contain_text("channel 3,")
    channel = compare.channel(0)
    assert channel == compare.channel(1)
    compare.agrees(0, traced("tiny_vgg", "coffee")["conv_2_2"], channel)
    compare.agrees(1, traced("tiny_vgg", "coffee", "none")["conv_2_2"], channel)
    again = ComparePage(open_page(page.url)).ready()
    assert again.unit(0) == again.unit(1) == (6, 7)
    assert again.channel(0) == again.channel(1) == channel
    assert again.value(1) == compare.value(1)


def test_a_dot_leads_to_the_layer_that_is_most_alike(app_server, open_page):
    page = open_page(app_server("compare?what=models&model=resnet20&image=chelsea"))
    ComparePage(page).ready()
    dot = page.locator(".js-plotly-plot .points path").nth(20)
    dot.scroll_into_view_if_needed(timeout=60_000)
    box = dot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.locator(".js-plotly-plot .hoverlayer .hovertext")
    expect(tip).to_contain_text("CKA")
    names = tip.locator("tspan").all_text_contents()[:2]
    page.mouse.down()
    page.mouse.up()
    for side, name in zip((0, 1), names, strict=True):
        expect(page.locator(".tv-head code").nth(side)).to_contain_text(f"{name} ·")


def test_answers_are_pytorchs_and_a_click_changes_the_class(app_server, open_page):
    page = open_page(app_server("compare?what=images&model=tiny_vgg&image=coffee&image2=drawn-pizza"))
    ComparePage(page).ready()
    expected = [traced("tiny_vgg", picture)["softmax"].output[0] for picture in ("coffee", "drawn-pizza")]
    classes = load_model("tiny_vgg").classes
    rows = page.locator(".tv-answer")
    for row in rows.all():
        index = classes.index(row.locator(".tv-class").inner_text())
        for share, probability in zip(row.locator(".tv-share").all(), expected, strict=True):
            shown = plain(share.inner_text().strip("<% "))
            assert shown == pytest.approx(100 * float(probability[index]), rel=0.06, abs=0.06)
    rows.filter(has_text="pizza").click()
    expect(page).to_have_url(re.compile(r"class=2(&|$)"))
    expect(page.locator(".tv-cam .tv-name").first).to_have_text("Grad-CAM · pizza")


def test_the_bits_are_those_of_the_three_formats(app_server, open_page):
    page = open_page(app_server("compare?what=precision&model=tiny_vgg&image=coffee&at=conv_1_2/3/5,6"))
    compare = ComparePage(page).ready(3)
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("coffee").load())
    for y, x in ((5, 6), (6, 6)):
        for side, dtype in enumerate((torch.float32, torch.bfloat16, torch.float16)):
            with torch.autocast("cpu", dtype=torch.bfloat16 if side == 0 else dtype, enabled=side > 0):
                number = trace(loaded.model, images)["conv_1_2"].output[0, 3, y, x]
            assert number.dtype == dtype
            raw = number.view(torch.int16 if side else torch.int32).item()
            bits = format(struct.unpack("<I", struct.pack("<i", raw))[0], "032b")[-(16 if side else 32) :]
            expect(compare.rows.nth(side).locator(".tv-bits")).to_have_attribute("data-bits", bits)
        compare.maps.first.focus()
        page.keyboard.press("ArrowDown")


def test_narrow_dark_and_japanese(app_server, open_page):
    page = open_page(
        app_server("compare?what=weights&model=tiny_vgg&image=coffee&lang=ja"), width=420, theme="dark"
    )
    compare = ComparePage(page).ready()
    tops = [side.bounding_box() for side in compare.sides.all()]
    assert tops[1]["y"] > tops[0]["y"] + 50  # one below the other
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    expect(page.get_by_role("heading", name="答え", exact=True)).to_be_visible()
    cut = "names => names.filter(name => name.scrollWidth > name.clientWidth).map(name => name.textContent)"
    assert page.locator(".tv-name").evaluate_all(cut) == []
    beside = compare.sides.nth(1).locator(".tv-pane > canvas")
    assert len({round(canvas.bounding_box()["y"]) for canvas in beside.all()}) == 1  # whatever stands above
    compare.hover(compare.maps.first, 0.1, 0.1)
    assert compare.unit(0) == compare.unit(1)
