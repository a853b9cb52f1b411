"""A photo as numbers, in a browser: what is read off is what the tensor holds."""

import re

import pytest
from playwright.sync_api import expect

from explainer.playground.pixels import IMAGENET, array, batch, codes, fitted, grey, normalised, restored
from explainer.samples import sample

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pixels():
    return array(fitted(sample("coffee").load()))


def opened(open_page, app, query="", **options):
    page = open_page(app(f"playground?part=pixels{query}"), **options)
    page.locator(".px-canvas").first.wait_for()
    expect(page.locator(".px-zoom")).to_have_text(re.compile("×"))
    return page


def number(text):
    return float(text.replace("−", "-").replace(",", ""))


def at(page, x, y, pane=0, width=600, height=400):
    """The place on the screen of the middle of a pixel, while all of the photo is seen."""
    box = page.locator(".px-canvas").nth(pane).bounding_box()
    scale = min(box["width"] / width, box["height"] / height)
    left = box["x"] + (box["width"] - width * scale) / 2
    top = box["y"] + (box["height"] - height * scale) / 2
    return left + (x + 0.5) * scale, top + (y + 0.5) * scale


def read(page):
    """Every number that is shown of the pixel."""
    rows = [
        [number(cell) for cell in row.locator("td").all_inner_texts()[1:]]
        for row in page.locator(".px-table tbody tr").all()
    ]
    return {
        "rows": rows,
        "grey": number(page.locator(".px-level").inner_text()),
        "code": page.locator(".px-card code").all_inner_texts(),
    }


def check(page, pixels, x, y, c=1):
    found = read(page)
    inputs, scaled = batch(pixels), normalised(batch(pixels), IMAGENET)
    for channel, (byte, share, normal) in enumerate(found["rows"]):
        assert byte == pixels[y, x, channel]
        assert share == pytest.approx(inputs[0, channel, y, x].item(), abs=5.1e-5)
        assert normal == pytest.approx(scaled[0, channel, y, x].item(), abs=5.1e-5)
    assert found["grey"] == grey(pixels)[y, x]
    assert found["code"] == [
        f"pixels[{y}, {x}, {c}] = {pixels[y, x, c]}",
        f"planes[{c}, {y}, {x}] = {pixels[y, x, c]}",
        f"x[0, {c}, {y}, {x}] = {inputs[0, c, y, x]:.4f}",
    ]


def test_the_pixel_under_the_pointer_is_the_tensor_s(open_page, app_server, pixels):
    page = opened(open_page, app_server)
    for x, y in ((40, 30), (320, 200), (599, 399)):
        page.mouse.move(*at(page, x, y))
        expect(page.get_by_label("column x")).to_have_value(str(x))
        check(page, pixels, x, y)
    page.mouse.move(2, 2)
    expect(page.locator(".px-where")).to_have_text("chosen pixel")
    check(page, pixels, 204, 152)


def test_a_pixel_is_typed_and_gets_into_link_and_code(open_page, app_server, pixels):
    page = opened(open_page, app_server)
    page.get_by_label("column x").fill("30")
    page.get_by_label("row y").fill("12")
    page.get_by_role("button", name="B", exact=True).click()
    check(page, pixels, 30, 12, 2)
    expect(page).to_have_url(re.compile("x=30&y=12&c=2"))
    page.get_by_text("Show the PyTorch code").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("x[0, 2, 12, 30]")
    page.get_by_label("row y").fill("400")
    check(page, pixels, 30, 12, 2)
    page.get_by_role("button", name="Reset").click()
    check(page, pixels, 204, 152)
    expect(page).to_have_url(re.compile("part=pixels$"))


def test_zoom_until_the_numbers_appear(open_page, app_server, pixels):
    page = opened(open_page, app_server)
    page.mouse.click(*at(page, 300, 100))
    for _ in range(12):
        page.mouse.wheel(0, -120)
    expect(page.locator(".px-zoom")).to_have_text(re.compile(r"^\d\d+×"))
    # What was under the pointer is still there.
    expect(page.locator(".px-where")).to_have_text("under the pointer")
    check(page, pixels, 300, 100)
    expect(page).to_have_url(re.compile("lens="))
    zoom = page.locator(".px-zoom").inner_text()
    page.reload()
    expect(page.locator(".px-zoom")).to_have_text(zoom)
    check(page, pixels, 300, 100)
    page.locator(".px-stage").press("Escape")
    expect(page.locator(".px-zoom")).to_have_text("1.0×")
    page.locator(".px-stage").press("Enter")
    expect(page.locator(".px-zoom")).to_have_text(re.compile(r"^\d\d×"))
    page.locator(".px-stage").press("Shift+ArrowRight")
    page.locator(".px-stage").press("ArrowDown")
    check(page, pixels, 310, 101)
    expect(page.locator(".pixel-view [aria-live]")).to_contain_text(f"red {pixels[101, 310, 0]}")


def test_three_channels_under_one_lens(open_page, app_server, pixels):
    page = opened(open_page, app_server, "&show=channels")
    expect(page.locator(".px-canvas")).to_have_count(4)
    x, y = at(page, 150, 250, pane=3)
    page.mouse.click(x, y)
    check(page, pixels, 150, 250, 2)
    colour = "([canvas, x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
    page.mouse.move(2, 2)
    box = page.locator(".px-canvas").nth(1).bounding_box()
    place = [
        value - start for value, start in zip(at(page, 140, 140, pane=1), (box["x"], box["y"]), strict=True)
    ]
    canvas = page.locator(".px-canvas").nth(1).element_handle()
    red, green, blue = page.evaluate(colour, [canvas, *place])
    assert (green, blue) == (0, 0)
    page.get_by_label("in their colours").uncheck()
    red, green, blue = page.evaluate(colour, [canvas, *place])
    assert red == green == blue
    assert abs(red - pixels[140, 140, 0].item()) < 6
    expect(page).to_have_url(re.compile("tint=0"))


def test_grey_levels_and_codes(open_page, app_server, pixels):
    page = opened(open_page, app_server, "&show=grey&x=40&y=90")
    level = grey(pixels)[90, 40]
    slider = page.locator(".px-bits input")
    for bits in (1, 3, 8):
        slider.fill(str(bits))
        step = codes(level, bits)
        expect(page.locator(".px-digits")).to_have_text(f"{step.item():0{bits}b}")
        expect(page.locator(".px-step")).to_contain_text(f"shown as grey {restored(step, bits).item()}")
        expect(page.locator(".px-total")).to_have_text(f"{600 * 400 * bits:,}")
    expect(page).to_have_url(re.compile("bits=8"))


def test_another_photo(open_page, app_server):
    page = opened(open_page, app_server, "&x=5&y=6")
    page.get_by_role("button", name="Cat").or_(page.get_by_role("radio", name="Cat")).first.click()
    expect(page.locator(".px-card h4").first).to_have_text("(H, W, C) = (300, 451, 3)")
    check(page, array(fitted(sample("chelsea").load())), 5, 6)


def test_a_narrow_dark_japanese_page(open_page, app_server):
    page = opened(open_page, app_server, "&lang=ja&show=grey", width=420, theme="dark", locale="ja-JP")
    expect(page.locator(".px-option").first).to_have_text("カラー")
    assert page.locator(".pixel-view").evaluate("(root) => root.scrollWidth <= root.clientWidth")
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("(root) => root.scrollWidth <= root.clientWidth")
