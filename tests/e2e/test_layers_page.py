"""The Layers page as its readers use it: every number on it is PyTorch's, every place is in the link."""

import os
import re
import signal

import numpy as np
import pytest
from e2e.network_page import plain, run_code, traced
from playwright.sync_api import expect

from explainer.layers.kernels import kernels
from explainer.tracing import maps

pytestmark = pytest.mark.e2e

COFFEE = "model=tiny_vgg&image=coffee"
NUMBER = r"([−\d.]+(?:e[−\d]+)?)"


class LayersPage:
    """One of the two walls on the page."""

    def __init__(self, page):
        self.page = page
        self.wall = page.locator(".wall")
        self.all = self.wall.locator(".wall-scroll")
        self.title = self.wall.locator(".wall-title")
        self.status = self.wall.locator(".wall-status")

    def shows(self, layer: str):
        expect(self.wall).to_have_attribute("data-layer", layer)
        return self

    def goes_to(self, place: str) -> None:
        """Wait until the link holds this place."""
        place = re.escape(place.replace("/", "%2F").replace(",", "%2C"))
        expect(self.page).to_have_url(re.compile(rf"[?&]at={place}(&|$)"))

    def goes_to_rest(self) -> None:
        """Wait until the page has come: what stands on it no longer moves."""
        expect(self.page.get_by_test_id("stStatusWidget")).to_be_hidden()
        expect(self.wall.locator(".cw-readout")).to_be_visible()

    def point(self, canvas, x: float, y: float, said: str = "") -> None:
        """Put the pointer on a canvas, at fractions of its size, until that place is read out.

        While the page is still growing, what is under the pointer may move away from it; and there may be
        a gap in that place, so the pointer goes on a little.
        """
        canvas.scroll_into_view_if_needed()
        for step in range(100):
            box = canvas.bounding_box()
            self.page.mouse.move(
                box["x"] + x * box["width"] + 3 * step, box["y"] + y * box["height"] + 2 * step
            )
            if re.search(said, self.wall.inner_text()) and canvas.bounding_box() == box:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"nothing like {said} was read out")

    def large(self) -> tuple[int, int, float]:
        """Read the pixel that is shown in numbers: row, column, value."""
        readout = self.wall.locator(".cw-readout")
        expect(readout).to_contain_text(re.compile(r"\(\d+, \d+\)\s*[−\d]"))
        y, x, value = re.search(rf"\((\d+), (\d+)\)\s*{NUMBER}", readout.inner_text()).groups()
        return int(y), int(x), plain(value)

    def pointed(self) -> tuple[int, int, int, float]:
        """Read what is said of the channel under the pointer: channel, row, column, value."""
        expect(self.status).to_contain_text(re.compile(r"channel \d+\s*\(\d+, \d+\) ="))
        found = re.search(rf"channel (\d+)\s*\((\d+), (\d+)\) = {NUMBER}", self.status.inner_text())
        return *(int(part) for part in found.groups()[:3]), plain(found[4])


@pytest.fixture
def layers(app_server, open_page):
    """Open the page: ``layers("model=tiny_vgg", width=420)``."""
    return lambda query, **options: LayersPage(open_page(app_server(f"layers?{query}"), **options))


@pytest.fixture(scope="module")
def coffee():
    return traced("tiny_vgg", "coffee")


def close(value: float):
    return pytest.approx(value, rel=2e-6, abs=1e-9)


def test_from_the_layer_to_the_pixel(layers, coffee):
    it = layers(COFFEE).shows("conv_1_1")
    it.page.get_by_role("combobox", name=re.compile("Layer")).click()
    it.page.keyboard.type("conv_2_1")
    it.page.keyboard.press("Enter")
    it.shows("conv_2_1").goes_to("conv_2_1")
    plane = maps(coffee["conv_2_1"])

    canvas = it.all.locator("canvas")
    for x, y in ((0.1, 0.1), (0.4, 0.15), (0.3, 0.5)):
        it.point(canvas, x, y, r"\(\d+, \d+\) =")
        channel, row, column, value = it.pointed()
        assert value == close(plane[channel, row, column].item())
    it.page.mouse.down()
    it.page.mouse.up()
    it.goes_to(f"conv_2_1/{channel}")
    expect(it.title).to_have_text(f"channel {channel}")

    stage = it.wall.locator(".cw-stage canvas")
    for x, y in ((0.2, 0.3), (0.6, 0.7)):
        it.point(stage, x, y, r"\(\d+, \d+\)\s*[−\d]")
        row, column, value = it.large()
        assert value == close(plane[channel, row, column].item())
    it.page.mouse.down()
    it.page.mouse.up()
    it.goes_to(f"conv_2_1/{channel}/{row},{column}")
    figures = it.wall.locator(".cw-figures").inner_text()
    mean = re.search(rf"mean\s+{NUMBER}", figures)[1]
    assert plain(mean) == pytest.approx(plane[channel].mean().item(), rel=1e-3)

    it.page.get_by_role("radio", name="Kernels").click()
    expect(it.title).to_have_text(f"filter {channel}")
    it.goes_to(f"conv_2_1/{channel}/{row},{column}")
    expect(it.page).to_have_url(re.compile("tab=kernels"))
    it.page.go_back()
    expect(it.title).to_have_text(f"channel {channel}")


def middle(element) -> tuple[float, float]:
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pixels(it, *places: tuple[int, int], side: int = 28) -> list[tuple[float, float]]:
    """Where on the screen these rows and columns of the chosen channel are."""
    stage = it.wall.locator(".cw-stage canvas")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    size = (box["height"] - 4) / side
    return [(box["x"] + (x + 0.5) * size, box["y"] + 2 + (y + 0.5) * size) for y, x in places]


def test_a_tab_right_after_a_pixel_keeps_the_pixel(layers):
    it = layers(f"{COFFEE}&at=conv_2_1/3/1,1").shows("conv_2_1")
    kernels, channels = (it.page.get_by_role("radio", name=name) for name in ("Kernels", "Channels"))
    for row, column in ((5, 22), (20, 3), (11, 9), (2, 16), (25, 25)):
        it.goes_to_rest()
        # The first pixel is told at once; the second would wait for the reader to rest.
        for spot in (*pixels(it, (0, column), (row, column)), middle(kernels)):
            it.page.mouse.click(*spot)
        expect(it.title).to_have_text("filter 3")
        expect(it.page).to_have_url(re.compile("tab=kernels"))
        it.goes_to(f"conv_2_1/3/{row},{column}")
        channels.click()
        expect(it.wall.locator(".cw-readout")).to_contain_text(f"({row}, {column})")


def test_a_link_right_after_a_pixel_leads_on_from_the_pixel(layers):
    it = layers(f"{COFFEE}&at=conv_2_1/3/1,1").shows("conv_2_1")
    network = it.page.locator(".st-key-navigation").get_by_role("link", name="Network")
    it.goes_to_rest()
    for spot in (*pixels(it, (3, 3), (19, 14)), middle(network)):
        it.page.mouse.click(*spot)
    expect(it.page.locator(".cs-frame")).to_have_attribute("data-trace", re.compile("tiny_vgg"))
    it.goes_to("conv_2_1/3/19,14")


@pytest.mark.parametrize("page", ["Network", "Compare"])
def test_a_link_leads_on_from_a_pixel_that_a_busy_server_has_not_heard_of(layers, app_server, page):
    it = layers(f"{COFFEE}&at=conv_2_1/3/1,1").shows("conv_2_1")
    link = it.page.locator(".st-key-navigation").get_by_role("link", name=page)
    it.goes_to_rest()
    spots = (*pixels(it, (3, 3), (19, 14)), middle(link))
    os.kill(app_server.process, signal.SIGSTOP)
    try:
        for spot in spots:
            it.page.mouse.click(*spot)
        it.page.wait_for_timeout(300)
    finally:
        os.kill(app_server.process, signal.SIGCONT)
    expect(it.page.locator("h1.brand")).to_have_text(f"ConvScope{page}")
    it.goes_to("conv_2_1/3/19,14")


def test_the_keys_are_enough(layers, coffee):
    it = layers(COFFEE).shows("conv_1_1")
    plane = maps(coffee["conv_1_1"])
    keys = it.page.keyboard
    it.all.focus()
    for key, channel in (("ArrowRight", 1), ("ArrowRight", 2), ("End", 9), ("ArrowLeft", 8), ("Home", 0)):
        keys.press(key)
        it.goes_to(f"conv_1_1/{channel}")
    keys.press("]")
    it.goes_to("conv_1_1/1")
    keys.press("Enter")
    row, column, value = it.large()
    assert abs(value) == close(plane[1].abs().max().item()), "the pixels open at the strongest"
    keys.press("ArrowUp" if row else "ArrowDown")
    row += -1 if row else 1
    it.goes_to(f"conv_1_1/1/{row},{column}")
    assert it.large() == (row, column, close(plane[1, row, column].item()))
    keys.press("Escape")
    it.goes_to("conv_1_1/1")
    expect(it.all).to_be_focused()


def test_a_deep_link_and_its_code(layers, coffee):
    it = layers(f"{COFFEE}&at=conv_1_2/3/20,30&scale=channel").shows("conv_1_2")
    assert it.large() == (20, 30, close(maps(coffee["conv_1_2"])[3, 20, 30].item()))
    expect(it.wall.get_by_role("radio", name="channel", exact=True)).to_have_attribute("aria-checked", "true")
    it.page.get_by_text("Show the PyTorch code").click()
    code = it.page.locator("pre code").first
    expect(code).to_contain_text("[3, 20, 30]")
    assert np.float32(run_code(code.inner_text())[0]) == maps(coffee["conv_1_2"])[3, 20, 30].numpy()


def test_sorting_by_contribution_and_the_files(layers, coffee, tmp_path):
    it = layers(f"{COFFEE}&at=relu_2_2/4").shows("relu_2_2")
    it.wall.get_by_role("radio", name="contribution").click()
    expect(it.wall.locator(".cw-figures")).to_contain_text("adds to espresso")
    for name, expected in (
        ("Channel .npy", maps(coffee["relu_2_2"])[4]),
        ("Layer .npy", coffee["relu_2_2"].output),
    ):
        with it.page.expect_download() as download:
            it.wall.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / "a.npy")
        assert np.array_equal(np.load(tmp_path / "a.npy"), expected)
    with it.page.expect_download() as download:
        it.wall.get_by_role("button", name="Picture").click()
    assert download.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_large_layer_brings_exact_values_for_the_chosen_channel(layers):
    it = layers("model=resnet18&weights=none&image=chelsea&at=conv1/3").shows("conv1")
    plane = maps(traced("resnet18", "chelsea", "none")["conv1"])
    stage = it.wall.locator(".cw-stage canvas")
    expect(it.wall.locator(".cw-readout")).to_be_visible()
    it.all.focus()
    it.page.keyboard.press("ArrowRight")
    it.goes_to("conv1/4")
    it.point(stage, 0.3, 0.4, r"\(\d+, \d+\)\s*[−\d]")
    expect(it.wall.locator(".cw-readout")).not_to_contain_text("≈")
    row, column, value = it.large()
    assert value == close(plane[4, row, column].item())


def weights_read(it, canvas, places, weight) -> None:
    """Point at places of a canvas and compare what is said of the weights there."""
    for x, y in places:
        it.point(canvas, x, y, r"w\[.*\] =")
        index, value = re.search(rf"w\[([\d, ]+)\] = {NUMBER}", it.status.inner_text()).groups()
        assert plain(value) == close(weight[tuple(map(int, index.split(", ")))].item())


@pytest.mark.parametrize("layer", ["conv_1_1", "conv_2_2", "output"])
def test_kernels_are_the_weights(layer, layers, coffee):
    it = layers(f"{COFFEE}&tab=kernels&at={layer}/2").shows(layer)
    weight = coffee[layer].arguments["weight"].detach()
    weights_read(it, it.all.locator("canvas"), [(0.12, 0.08), (0.3, 0.2)], weight)
    if layer != "output":
        weights_read(it, it.wall.locator(".kw-slices canvas"), [(0.45, 0.2), (0.4, 0.3)], weight)
    found = kernels(coffee[layer])
    lines = it.wall.locator(".kw-lines").inner_text()
    length = re.search(rf"length\s+{NUMBER}", lines)[1]
    assert plain(length) == pytest.approx(found.l2[2].item(), rel=1e-3)
    first = found.nearest(2)[0]
    like = it.wall.locator(".kw-like").first
    expect(like).to_contain_text(str(first.filter))
    like.click()
    it.goes_to(f"{layer}/{first.filter}")
    it.wall.get_by_role("radio", name="length").click()
    it.all.focus()
    it.page.keyboard.press("Home")
    it.goes_to(f"{layer}/{int(found.l2.argmax())}")


def test_a_large_layers_kernels_come_while_scrolling(layers):
    it = layers("model=resnet18&weights=none&image=chelsea&tab=kernels&at=layer4.1.conv2/500")
    it.shows("layer4.1.conv2")
    weight = traced("resnet18", "chelsea", "none")["layer4.1.conv2"].arguments["weight"].detach()
    expect(it.wall.locator(".kw-likes")).to_have_attribute("data-ready", "500")
    weights_read(it, it.wall.locator(".kw-slices canvas"), [(0.1, 0.1), (0.5, 0.4)], weight)
    it.all.focus()
    it.page.keyboard.press("Home")
    it.goes_to("layer4.1.conv2/0")
    expect(it.wall.locator(".kw-likes")).to_have_attribute("data-ready", "0")
    weights_read(it, it.wall.locator(".kw-slices canvas"), [(0.1, 0.1)], weight)


@pytest.mark.parametrize("tab", ["channels", "kernels"])
def test_a_narrow_screen_in_japanese(tab, layers):
    it = layers(f"{COFFEE}&tab={tab}&lang=ja", width=420, height=860).shows("conv_1_1")
    assert it.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert it.wall.evaluate("wall => wall.scrollWidth <= wall.clientWidth")
    words = it.wall.locator(".wall-tools").inner_text() + it.wall.locator(".wall-facts").inner_text()
    assert not set(re.findall("[A-Za-z]{3,}", words)) - {"npy"}
    it.all.locator("canvas").click(position={"x": 150, "y": 40})
    it.goes_to(
        "conv_1_1/1" if tab == "kernels" else it.title.inner_text().replace("チャンネル ", "conv_1_1/")
    )


@pytest.mark.parametrize("tab", ["field", "moments", "visualisation", "what-if"])
def test_every_section_opens(tab, layers):
    it = layers(f"{COFFEE}&tab={tab}&at=conv_1_2/3")
    expect(it.page.get_by_role("radio", name=re.compile("Channels"))).to_be_visible()
    expect(it.page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    expect(it.page.get_by_test_id("stAlertContentError")).to_have_count(0)
