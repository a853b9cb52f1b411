"""Convolution in one dimension, in a browser: typing, sliding, playing, the link; its numbers."""

import json
import re
from dataclasses import asdict

import pytest
import torch
from playground.test_signal import some_lines
from playwright.sync_api import expect

from explainer.playground.signal import Line, convolve, likeness, matrix
from scripts.driver import ROOT

pytestmark = pytest.mark.e2e

MODULE = "explainer/components/line_view/slide.js"


def opened(open_page, app, query="", **options):
    page = open_page(app(f"playground?part=line{query}"), **options)
    page.locator(".lv-cell").first.wait_for()
    return page


def numbers(page, selector=".lv-output"):
    return [float(text.replace("−", "-")) for text in page.locator(selector).all_inner_texts()]


def settled(page):
    """The server has computed what is on the screen, too."""
    expect(page.locator(".lv-check")).to_contain_text("differs by 0 at most")


def test_the_browser_computes_what_pytorch_computes(browser, file_server):
    page = browser.new_page()
    page.goto(f"{file_server}/tests/js/")
    lines = [asdict(line) for line in some_lines()]
    found = page.evaluate(
        """async ([url, lines]) => {
          const { outputOf, matrixOf, likenessOf } = await import(url);
          return lines.map((line) => [outputOf(line), matrixOf(line), likenessOf(line)]);
        }""",
        [f"{file_server}/{MODULE}", lines],
    )
    page.close()
    for values, results in zip(lines, found, strict=True):
        line = Line(**{**values, "data": tuple(values["data"]), "kernel": tuple(values["kernel"])})
        for own, tensor in zip(results, (convolve(line), matrix(line), likeness(line)), strict=True):
            torch.testing.assert_close(torch.tensor(own, dtype=torch.float32), tensor, rtol=1e-4, atol=1e-5)


def test_the_examples_of_the_course(open_page, app_server):
    page = opened(open_page, app_server)
    for name, output in (
        ("Pattern 1 0 1", [0, 2, 0, 1, 1, 1, 2, 1]),
        ("Same kernel, other data", [2, 2, 2, 1, 1, 1, 2, 1]),
        ("Kernel 1 2 1", [4, 6, 4, 1, 1, 3, 4, 3]),
    ):
        page.get_by_role("button", name=name).click()
        assert numbers(page) == output
        settled(page)
        assert numbers(page) == output
    expect(page).to_have_url(re.compile(r"data=0\+1\+2\+1\+0\+0\+1\+1\+1\+0&kernel=1\+2\+1"))


def test_cells_and_rows_are_edited_in_place(open_page, app_server):
    page = opened(open_page, app_server)
    page.get_by_role("textbox", name="x[0]").fill("5")
    assert numbers(page)[0] == 5
    page.get_by_role("textbox", name="w[2]").press("ArrowDown")
    assert numbers(page, ".lv-output") == [5, 1, 0, 1, 0, 0, 1, 1]
    data = page.get_by_role("textbox", name="Data", exact=True)
    data.fill("1 2 x")
    expect(page.locator(".lv-wrong").first).to_have_text("“x” is not a number.")
    data.fill("1 2 3 4")
    data.press("Enter")
    page.locator(".lv-row-data").get_by_role("button", name="One cell more").click()
    page.get_by_role("button", name="Padding +1").click()
    page.get_by_role("button", name="Stride +1").click()
    settled(page)
    assert numbers(page) == convolve(Line((1, 2, 3, 4, 0), (1, 0, 0), 2, 1)).tolist()
    expect(page.locator(".lv-size")).to_contain_text("⌊(5 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3")
    expect(page).to_have_url(re.compile("data=1.2.3.4.0&kernel=1.0.0&stride=2&padding=1"))
    page.reload()
    page.locator(".lv-output").first.wait_for()
    assert numbers(page) == [0, 2, 4]
    page.get_by_role("button", name="Reset").click()
    settled(page)
    assert numbers(page) == [0, 2, 0, 1, 1, 1, 2, 1]
    expect(page).to_have_url(re.compile("part=line$"))


def test_quick_typing_is_never_taken_back(open_page, app_server):
    page = opened(open_page, app_server)
    field = page.get_by_role("textbox", name="x[3]")
    field.click()
    for _ in range(30):
        field.press("ArrowUp", delay=15)
    settled(page)
    expect(field).to_have_value("31")
    assert numbers(page)[3] == 31 + 0
    expect(field).to_be_focused()


def test_the_window_slides_by_keys_pointer_and_by_itself(open_page, app_server):
    page = opened(open_page, app_server, reduced_motion="reduce")
    stage, total = page.locator(".lv-stage-box"), page.locator(".lv-sum")
    expect(total).to_have_text("y[0] = 0·1 + 1·0 + 0·1 = 0")
    stage.focus()
    stage.press("ArrowRight")
    expect(total).to_have_text("y[1] = 1·1 + 0·0 + 1·1 = 2")
    stage.press("End")
    expect(total).to_contain_text("y[7]")
    stage.press("Home")
    band = page.locator(".lv-band").bounding_box()
    pitch = band["width"] / 3
    x, y = band["x"] + pitch, band["y"] + band["height"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5 * pitch, y, steps=4)
    page.mouse.up()
    expect(total).to_have_text("y[5] = 0·1 + 1·0 + 1·1 = 1")
    expect(page).to_have_url(re.compile("w=5"))
    page.locator(".lv-scrub").fill("6")
    page.locator(".lv-transport select").select_option("4")
    stage.focus()
    stage.press("Space")
    expect(page.locator(".lv-output.lv-empty")).to_have_count(2)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(total).to_contain_text("y[7]")
    expect(page.locator(".lv-output.lv-empty")).to_have_count(0)


def test_the_flip_and_the_views_below(open_page, app_server):
    page = opened(open_page, app_server)
    page.get_by_role("button", name="Flip: a single 1").click()
    assert numbers(page) == [0, 0, 3, 2, 1, 0, 0]
    page.get_by_role("radio", name="Convolution", exact=True).click()
    assert numbers(page) == [0, 0, 1, 2, 3, 0, 0]
    settled(page)
    assert [float(one.input_value()) for one in page.locator(".lv-strip input").all()] == [3, 2, 1]
    canvas = page.locator(".lv-matrix canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 26 + 34 * 3.5, box["y"] + 20 + 34 * 2.5)
    expect(page.locator(".lv-said")).to_have_text("w[1] = 2 stands in 7 rows: one weight, shared.")
    expect(page.locator(".lv-sum")).to_contain_text("y[2]")
    expect(page.locator(".lv-shares")).to_contain_text("63 weights")
    page.get_by_role("radio", name="Pattern detector").click()
    expect(page.locator(".lv-card").first).to_contain_text("Largest output: y[4] = 3")
    page.get_by_role("radio", name="Curves").click()
    expect(page.locator(".lv-panel canvas")).to_have_attribute("aria-label", re.compile("output from 0 to 3"))
    expect(page).to_have_url(re.compile("show=plot"))


def test_no_output_is_said_and_can_be_mended(open_page, app_server):
    page = opened(open_page, app_server, "&data=1+2")
    expect(page.locator(".lv-problem")).to_contain_text("reaches over 3 cells, but there are only 2")
    page.get_by_role("button", name="Padding +1").click()
    expect(page.locator(".lv-problem")).to_be_empty()
    assert numbers(page) == [2, 1]


def test_a_narrow_dark_japanese_page(open_page, app_server):
    page = opened(open_page, app_server, "&lang=ja&padding=3", width=420, theme="dark", locale="ja-JP")
    expect(page.locator(".lv-name-data")).to_have_text("データ x")
    assert page.locator(".line-view").evaluate("(root) => root.scrollWidth <= root.clientWidth")
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    cut = page.locator(".line-view button, .line-view .lv-label, .line-view .lv-name").evaluate_all(
        "(all) => all.filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + "
        "1).map((one) => one.textContent)"
    )
    assert cut == []


def test_links_of_the_presets_are_what_the_browser_writes(browser, file_server):
    """Python and the browser write numbers alike, so that a link stays the same through both."""
    from explainer.playground.line_link import spaced

    values = [0.1, -2.5, 1e-05, 123456.0, 1 / 3, 1e5, 0.0, 12.0]
    page = browser.new_page()
    page.goto(f"{file_server}/tests/js/")
    text = page.evaluate(
        "async ([url, values]) => (await import(url)).spaced(values.map((v) => Number(v.toPrecision(6))))",
        [f"{file_server}/{MODULE}", values],
    )
    page.close()
    assert json.loads(f"[{','.join(text.split())}]") == [float(one) for one in spaced(tuple(values)).split()]
    assert (ROOT / MODULE).is_file()
