"""The page "Why this answer?" in a browser: the values under the pointer, the scale, the link, the keys."""

import re

import numpy as np
import pytest
from network_page import _model, plain
from playwright.sync_api import expect

from explainer.attribution import grad_cam
from explainer.samples import sample

pytestmark = pytest.mark.e2e


def heat(method: str, class_index: int, layer: str = "max_pool_2", model="tiny_vgg", image="coffee"):
    """The map, computed here and not by the server."""
    loaded = _model(model, "default")
    images = loaded.preprocessing.apply(sample(image).load())
    return grad_cam(loaded.model, images, layer, class_index, method=method)


class WhyPage:
    """What a reader does on the page and reads from it; texts in English."""

    def __init__(self, page):
        self.page = page
        self.frame = page.locator(".hw-frame")

    def ready(self, count: int):
        """Wait until so many maps are on the wall."""
        expect(self.frame).to_have_attribute("data-ready", str(count), timeout=60_000)
        expect(self.page.get_by_test_id("stProgress")).to_have_count(0, timeout=60_000)
        return self

    def tile(self, key: str):
        return self.frame.locator(f'.hw-tile[data-key="{key}"]')

    def at(self, key: str, u: float, v: float) -> None:
        """Move the pointer to a place of a tile's picture."""
        stage = self.tile(key).locator(".hw-stage")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        self.page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])

    def shown(self, key: str) -> float:
        output = self.tile(key).locator(".hw-here")
        expect(output).not_to_be_empty()
        return plain(output.inner_text())

    def picture(self, key: str) -> str:
        return self.tile(key).locator("canvas").evaluate("canvas => canvas.toDataURL()")

    def bar(self, name: str):
        return self.frame.locator(".hw-bar", has_text=name)


@pytest.fixture
def visit(app_server, open_page):
    def start(link: str, count: int, **options) -> WhyPage:
        page = open_page(app_server(f"why?model=tiny_vgg&image=coffee&{link}"), **options)
        return WhyPage(page).ready(count)

    return start


def close(shown: float, true: float) -> bool:
    return abs(shown - true) <= 1e-6 + 6e-4 * abs(true)  # four digits are shown


def test_the_values_under_the_pointer_in_every_tile_at_once(visit):
    wall = visit("methods=gradcam,hirescam,layercam,saliency", 4)
    for row, column in ((2, 3), (6, 9), (12, 0)):
        wall.at("hirescam", (column + 0.5) / 13, (row + 0.5) / 13)
        for method in ("gradcam", "hirescam", "layercam"):
            assert close(wall.shown(method), heat(method, 6)[row, column].item()), (method, row, column)
        wall.shown("saliency")
        expect(wall.frame.locator(".hw-stage .hw-cross:visible")).to_have_count(4)
        expect(wall.frame.locator(".hw-photo .hw-cross")).to_be_visible()
    wall.page.mouse.move(2, 2)
    expect(wall.frame.locator(".hw-cross:visible")).to_have_count(0)


def test_a_bar_chooses_the_class_and_the_maps_follow(visit):
    wall = visit("methods=gradcam,layercam", 2)
    expect(wall.bar("espresso")).to_have_attribute("aria-checked", "true")
    before = wall.picture("gradcam")
    wall.bar("orange").click()
    expect(wall.page).to_have_url(re.compile(r"[?&]class=8(&|$)"))
    expect(wall.bar("orange")).to_have_attribute("aria-checked", "true")
    expect(wall.frame).to_have_attribute("data-chosen", "8")
    assert wall.picture("gradcam") != before
    true = heat("gradcam", 8)
    row, column = divmod(int(true.argmax()), 13)
    wall.at("layercam", (column + 0.5) / 13, (row + 0.5) / 13)
    assert close(wall.shown("gradcam"), true.max().item())


def test_one_scale_for_all_or_each_its_own(visit):
    wall = visit("view=classes&methods=gradcam", 3)
    peak = max(heat("gradcam", index).max().item() for index in (6, 8, 3))
    legend = wall.frame.locator(".hw-legend")
    assert (
        close(plain(legend.locator("span span").last.inner_text()), peak)
        or abs(plain(legend.locator("span span").last.inner_text()) - peak) < 5e-3 * peak
    )
    weakest = min(("6", "8", "3"), key=lambda key: heat("gradcam", int(key)).max().item())
    strongest = max(("6", "8", "3"), key=lambda key: heat("gradcam", int(key)).max().item())
    before = wall.picture(weakest), wall.picture(strongest)
    wall.frame.get_by_role("radio", name="each map its own").click()
    expect(legend).to_contain_text("largest")
    assert wall.picture(weakest) != before[0]
    assert wall.picture(strongest) == before[1]
    expect(wall.page).to_have_url(re.compile(r"[?&]heat=own(&|$)"))
    wall.bar("orange").click()
    wall.ready(2)
    expect(wall.tile("8")).to_have_count(0)
    wall.bar("ladybug").click()
    wall.ready(3)


def test_keys_read_enlarge_and_step_back(visit):
    wall = visit("methods=gradcam,saliency", 2)
    stage = wall.tile("gradcam").locator(".hw-stage")
    stage.focus()
    live = wall.frame.locator(".hw-live")
    wall.page.keyboard.press("ArrowRight")
    expect(live).to_contain_text("row 6, column 6")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        wall.page.keyboard.press(key)
    expect(live).to_contain_text("row 5, column 8")
    true = heat("gradcam", 6)[5, 8].item()
    assert close(wall.shown("gradcam"), true)
    expect(live).to_contain_text("Saliency")
    wall.page.keyboard.press("Enter")
    expect(wall.frame).to_have_class(re.compile("hw-one"))
    expect(wall.frame.locator(".hw-spot .hw-title")).to_have_text("Grad-CAM")
    expect(stage).to_be_focused()
    expect(wall.page).to_have_url(re.compile(r"[?&]tile=gradcam(&|$)"))
    wall.page.keyboard.press("Escape")
    expect(wall.frame).not_to_have_class(re.compile("hw-one"))
    expect(stage).to_be_focused()
    wall.page.keyboard.press("Escape")
    expect(wall.frame.locator(".hw-cross:visible")).to_have_count(0)


def test_the_link_restores_what_was_on_the_screen(visit):
    link = (
        "view=layers&methods=layercam&layers=relu_1_1,relu_2_2&class=8"
        "&heat=shared&cells=1&opacity=40&tile=relu_2_2"
    )
    wall = visit(link, 2)
    expect(wall.frame.locator(".hw-spot .hw-title")).to_have_text("relu_2_2")
    expect(wall.frame.get_by_role("radio", name="shared")).to_have_attribute("aria-checked", "true")
    expect(wall.frame.get_by_role("button", name="true cells")).to_have_attribute("aria-pressed", "true")
    expect(wall.frame.get_by_role("slider")).to_have_value("40")
    expect(wall.bar("orange")).to_have_attribute("aria-checked", "true")
    true = heat("layercam", 8, "relu_2_2")
    wall.at("relu_2_2", 0.5 / true.shape[1], 0.5 / true.shape[0])
    assert close(wall.shown("relu_2_2"), true[0, 0].item())


def test_files_and_code_of_a_tile(visit, tmp_path):
    wall = visit("methods=gradcam,hirescam", 2)
    wall.tile("hirescam").hover()
    with wall.page.expect_download() as kept:
        wall.tile("hirescam").get_by_role("button", name="Save numbers").click()
    kept.value.save_as(tmp_path / kept.value.suggested_filename)
    found = np.load(tmp_path / "convscope-tiny_vgg-hirescam-max_pool_2-6.npy")
    assert np.allclose(found, heat("hirescam", 6).numpy(), atol=1e-6)
    with wall.page.expect_download() as kept:
        wall.tile("hirescam").get_by_role("button", name="Save picture").click()
    assert kept.value.suggested_filename.endswith(".png")
    wall.tile("hirescam").get_by_role("button", name="PyTorch code").click()
    dialog = wall.frame.locator("dialog")
    expect(dialog.locator("code")).to_contain_text('method="hirescam"')
    wall.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_opacity_and_cells_are_answered_without_the_server(visit):
    wall = visit("methods=gradcam", 1)
    before = wall.picture("gradcam")
    wall.frame.get_by_role("slider").focus()
    wall.page.keyboard.press("Home")
    bare = wall.picture("gradcam")
    assert bare != before
    wall.frame.get_by_role("button", name="true cells").click()
    wall.page.keyboard.press("Tab")
    wall.frame.get_by_role("slider").focus()
    wall.page.keyboard.press("End")
    cells = wall.picture("gradcam")
    colours = (
        wall.tile("gradcam")
        .locator("canvas")
        .evaluate(
            """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }"""
        )
    )
    assert cells not in (before, bare)
    assert colours <= 169, "at full opacity there are as many colours as cells"


def test_methods_come_and_go_and_long_work_can_be_stopped(visit):
    wall = visit("methods=gradcam", 1)
    wall.page.get_by_role("button", name="Eigen-CAM").click()
    wall.ready(2)
    expect(wall.page).to_have_url(re.compile(r"[?&]methods=gradcam%2Ceigencam"))
    wall.page.get_by_role("button", name="Grad-CAM", exact=True).click()
    wall.ready(1)
    expect(wall.tile("gradcam")).to_have_count(0)


def test_stop_and_go_on(app_server, open_page):
    work = "methods=gradcam,occlusion&occlusion.size=1&occlusion.stride=1&occlusion.fill=noise"
    page = open_page(app_server(f"why?model=tiny_vgg&image=chelsea&{work}"))
    wall = WhyPage(page)
    stop = page.locator(".st-key-why_stop button")
    stop.click(timeout=60_000)
    expect(wall.tile("occlusion")).to_contain_text("Stopped")
    wall.ready(1)
    wall.tile("occlusion").get_by_role("button", name="Compute").click()
    wall.ready(2)
    expect(wall.tile("occlusion")).not_to_contain_text("Stopped")


def test_on_a_narrow_screen_in_japanese_in_the_dark(visit):
    wall = visit("lang=ja&methods=gradcam,saliency", 2, width=420, theme="dark")
    assert wall.page.evaluate("document.documentElement.scrollWidth") <= 420
    assert wall.frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth + 1")
    expect(wall.tile("saliency").locator(".hw-title")).to_have_text("サリエンシー")
    wall.tile("gradcam").locator(".hw-stage").click()
    expect(wall.frame.locator(".hw-spot .hw-stage")).to_be_visible()
    box = wall.frame.locator(".hw-spot .hw-stage").bounding_box()
    assert box["width"] > 300
