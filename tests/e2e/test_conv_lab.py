"""The 2-D part of the playground in a browser: its arithmetic, and what hands and keys do."""

import base64
import random
import re

import pytest
import torch
from playwright.sync_api import expect

from explainer.errors import ReaderError
from explainer.playground.convolution import PADDING_MODES, Convolution
from explainer.playground.kernels_preset import preset
from explainer.render.conv_frame import conv_frame
from explainer.render.wire import pack

pytestmark = pytest.mark.e2e

NUMBERS = """async ({root, frames}) => {
  const { decode } = await import(`${root}/shared/wire.js`);
  const { convolve, part } = await import(`${root}/conv_lab/compute.js`);
  const { fed, inputsOf } = await import(`${root}/conv_lab/geometry.js`);
  return frames.map(({frame, place, cell}) => {
    const layer = decode(Uint8Array.from(atob(frame), (sign) => sign.charCodeAt(0)));
    const output = new Float32Array(layer.output.length);
    convolve(layer, output);
    const [o, y, x] = place;
    const parts = inputsOf(layer, o).map((_, nth) => part(layer, o, nth, y, x).sum);
    return {
      error: Math.max(...output.map((value, at) => Math.abs(value - layer.output[at]))),
      sum: parts.reduce((a, b) => a + b, layer.bias ? layer.bias[o] : 0),
      fed: [fed(layer.rows, cell[0]), fed(layer.columns, cell[1])],
    };
  });
}"""


def some_layers(count):
    dice = random.Random(11)
    found = []
    while len(found) < count:
        transposed = dice.random() < 0.4

        def pair(low, high):
            return dice.randint(low, high), dice.randint(low, high)

        groups = dice.choice((1, 2))
        layer = Convolution(
            2 * groups, 2 * groups, pair(1, 4), pair(1, 3), pair(0, 3), pair(1, 2), groups,
            "zeros" if transposed else dice.choice(PADDING_MODES), transposed, (0, 0), dice.random() < 0.5,
        )  # fmt: skip
        size = pair(4, 8)
        try:
            layer.axes(size)
        except ReaderError:
            continue
        found.append((layer, size))
    return found


def test_the_browsers_arithmetic_is_pytorchs(browser, file_server):
    dice, frames, expected = random.Random(12), [], []
    for layer, size in some_layers(80):
        generator = torch.Generator().manual_seed(len(frames))
        image = torch.randn(layer.in_channels, *size, generator=generator)
        weight = torch.randn(layer.weight_shape, generator=generator)
        bias = torch.randn(layer.out_channels, generator=generator) if layer.bias else None
        flip = dice.random() < 0.5
        output = layer.apply(image[None], weight, bias, flip=flip)[0]
        frame = conv_frame(
            layer, image, weight, bias, output, flip=flip, relu=False, grey=False, colour=False,
            paintable=True, serial=0, names=(), presets=(), patterns=(), texts={},
        )  # fmt: skip
        place = [dice.randrange(count) for count in output.shape]
        cell = [dice.randrange(count) for count in size]
        frames.append({"frame": base64.b64encode(pack(frame)).decode(), "place": place, "cell": cell})
        rows, columns = layer.axes(size)
        fed = [rows.fed(cell[0]), columns.fed(cell[1])]
        expected.append((float(output[tuple(place)]), fed))
    page = browser.new_page()
    page.goto(f"{file_server}/tests/js/")
    answer = page.evaluate(NUMBERS, {"root": f"{file_server}/explainer/components", "frames": frames})
    page.close()
    for found, (value, fed) in zip(answer, expected, strict=True):
        assert found["error"] < 1e-5
        assert found["sum"] == pytest.approx(value, abs=1e-5)
        assert [[(one["output"], one["tap"]) for one in axis] for axis in found["fed"]] == [
            list(axis) for axis in fed
        ]


# --- on the page ------------------------------------------------------------------------------------------


@pytest.fixture
def lab(app_server, open_page):
    """Open the part: ``lab("k=5&s=2")``."""

    def start(query="", **options):
        page = open_page(app_server(f"playground?part=conv&{query}"), **options)
        page.locator(".cl-total").wait_for(timeout=60_000)
        return page

    return start


def at(page, selector, row, column, rows, columns):
    """The point in the middle of a cell of a grid of this size, which is centred on its canvas."""
    box = page.locator(f"{selector} canvas").first.bounding_box()
    size = (box["height"] - 4) / rows
    left = box["x"] + max(2, (box["width"] - size * columns) // 2)
    return left + (column + 0.5) * size, box["y"] + 2 + (row + 0.5) * size


def number(text):
    return float(text.replace("−", "-"))


def total(page):
    return number(page.locator(".cl-total b").inner_text())


def settled(page):
    expect(page.locator(".cl-check")).to_contain_text("differs by")


def cross(rows=9, columns=9):
    image = torch.zeros(1, 1, rows, columns)
    image[..., rows // 2, :] = image[..., :, columns // 2] = 1
    return image


def sobel(image, **options):
    return torch.nn.functional.conv2d(image, preset("sobel-x", (3, 3))[None, None], **options)[0, 0]


def test_the_window_under_the_pointer_is_added_up(lab):
    page = lab("cells=cross")
    expected = sobel(cross(), padding=1)
    for y, x in ((2, 3), (0, 0), (8, 5)):
        page.mouse.move(*at(page, ".cl-result", y, x, 9, 9))
        expect(page.locator(".cl-total span")).to_have_text(f"output 0, row {y}, column {x}")
        assert total(page) == expected[y, x]
        assert number(re.search(r"differs by (\S+)", page.locator(".cl-check").inner_text())[1]) < 1e-6
    expect(page.locator(".cl-reading")).to_contain_text("reads rows 7 … 9, columns 4 … 6")


def test_painting_changes_the_sum_the_link_and_stays(lab):
    page = lab("cells=empty&p=0")
    page.mouse.move(*at(page, ".cl-field", 3, 3, 9, 9))
    page.mouse.down()
    page.mouse.move(*at(page, ".cl-field", 3, 5, 9, 9))
    page.mouse.up()
    image = torch.zeros(1, 1, 9, 9)
    image[0, 0, 3, 3:6] = 1
    expected = sobel(image)
    page.mouse.move(*at(page, ".cl-result", 3, 2, 7, 7))
    expect(page.locator(".cl-total span")).to_have_text("output 0, row 3, column 2")
    assert total(page) == expected[3, 2] == 1
    settled(page)
    expect(page).to_have_url(re.compile("cells=(~|%7E)"))
    page.reload()
    page.locator(".cl-total").wait_for()
    page.mouse.move(*at(page, ".cl-result", 3, 2, 7, 7))
    expect(page.locator(".cl-total b")).to_have_text("1")


def test_a_cell_painted_by_keys_and_taken_back(lab):
    page = lab("cells=empty")
    page.locator(".cl-field canvas").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("7")
    expect(page.locator(".cl-reading")).to_contain_text("row 4, column 4 = 7: goes into 9 numbers")
    page.get_by_role("button", name="Undo", exact=True).click()
    page.mouse.move(*at(page, ".cl-field", 5, 5, 11, 11))
    expect(page.locator(".cl-reading")).to_contain_text("row 4, column 4 = 0")


def test_padding_says_where_it_comes_from_and_what_is_never_read_too(lab):
    page = lab("cells=ramp&mode=reflect&p=2&s=2&rows=8&cols=8")
    page.mouse.move(*at(page, ".cl-field", 0, 3, 12, 12))
    expect(page.locator(".cl-reading")).to_contain_text("row −2, column 1: 0.1, copied from row 2, column 1")
    page.mouse.move(*at(page, ".cl-field", 11, 5, 12, 12))
    expect(page.locator(".cl-reading")).to_contain_text("No window ever reads it.")
    expect(page.locator(".cl-marks").first).to_contain_text("never read: 23")
    expect(page.locator(".cl-marks").first).to_contain_text("left out by the stride")


def test_a_weight_is_shared_and_edited(lab):
    page = lab("cells=cross")
    weight = page.get_by_label("weight at row 1, column 2")
    weight.hover()
    expect(page.locator(".cl-reading")).to_contain_text(
        "The weight 2 at row 1, column 2 of the kernel is shared: all 81"
    )
    weight.fill("5")
    weight.press("Enter")
    page.mouse.move(*at(page, ".cl-result", 4, 0, 9, 9))
    expect(page.locator(".cl-total span")).to_have_text("output 0, row 4, column 0")
    assert total(page) == 5  # 0·(−2) + 1·0 + 1·5, nothing above and below
    settled(page)
    expect(page).to_have_url(re.compile("w=0.0.0.1"))
    page.locator(".cl-preset").select_option("identity")
    expect(page.get_by_label("weight at row 1, column 1")).to_have_value("1")
    expect(page).not_to_have_url(re.compile("w="))


WATCH = """root => {
  globalThis.slid = [];
  const look = () => {
    const place = root.querySelector(".cl-total span")?.textContent;
    if (place && slid.at(-1) !== place) slid.push(place);
    requestAnimationFrame(look);
  };
  look();
}"""
"""Keeps the places that the window comes to: the next look from outside may be too late for one."""


def test_the_window_slides(lab):
    page = lab("rows=12&cols=4")
    page.get_by_role("button", name="To the first position").click()
    name = page.locator(".cl-total span")
    expect(name).to_have_text("output 0, row 0, column 0")
    for _ in range(5):
        page.get_by_role("button", name="One position on").click()
    expect(name).to_have_text("output 0, row 1, column 1")
    page.locator(".conv-lab").evaluate(WATCH)
    page.get_by_role("button", name="Slide").click()
    page.wait_for_function("slid.length > 3")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Slide")).to_be_visible()
    held = name.inner_text()
    places = [tuple(map(int, re.findall(r"\d+", text)[1:])) for text in page.evaluate("slid.slice(1)")]
    assert places[0][0] == 0  # from the first row on, along the rows
    assert places == sorted(set(places))
    page.wait_for_timeout(700)  # several steps' time
    expect(name).to_have_text(held)
    result = page.locator(".cl-result canvas").first
    result.focus()
    page.keyboard.press("End")
    expect(name).to_have_text("output 0, row 11, column 3")
    page.keyboard.press("ArrowUp")
    expect(name).to_have_text("output 0, row 10, column 3")


def test_groups_join_only_their_own_channels(lab):
    page = lab("in=4&out=4&g=2")
    matrix = page.locator(".cl-matrix canvas")
    matrix.scroll_into_view_if_needed()
    expect(page.locator(".cl-note")).to_contain_text("2 groups: an output reads only the 2 inputs")
    expect(page.locator(".cl-line[data-term]")).to_have_count(2)
    matrix.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".cl-kernel figcaption")).to_have_text("Kernel: input 2 → output 2")
    expect(page.locator(".cl-line[data-term]").first).to_contain_text("input 2")


def test_code_and_sliders_are_one(lab):
    page = lab()
    field = page.get_by_role("textbox", name="The same layer as code")
    field.fill("nn.Conv2d(3, 8, 3, stride=2, padding=1)")
    field.press("Enter")
    expect(page.locator(".cl-result figcaption")).to_contain_text("8 × 5 × 5")
    expect(page.get_by_role("slider", name="Stride")).to_have_value("2")
    page.get_by_role("slider", name="Stride").press("ArrowRight")
    expect(field).to_have_value("nn.Conv2d(3, 8, 3, stride=3, padding=1)")
    expect(page.locator(".cl-result figcaption")).to_contain_text("8 × 3 × 3")
    page.get_by_role("button", name="Reset").click()
    expect(field).to_have_value("nn.Conv2d(1, 1, 3, padding=1)")
    expect(page).to_have_url(re.compile(r"playground\?part=conv$"))


def test_a_turned_kernel_and_a_transposed_one(lab):
    page = lab("cells=dot&flip=1&kernel=emboss&relu=1")
    expect(page.locator(".cl-turned")).to_contain_text("turned by half a turn")
    # A true convolution of a single dot draws the kernel as it is written; the ReLU cuts off what is below 0.
    page.mouse.move(*at(page, ".cl-result", 3, 3, 9, 9))
    expect(page.locator(".cl-total b")).to_have_text("−2")
    expect(page.locator(".cl-relu b")).to_have_text("0")
    page.get_by_text("Transposed", exact=True).click()
    expect(page.get_by_role("textbox", name="The same layer as code")).to_have_value(
        "nn.ConvTranspose2d(1, 1, 3, padding=1)"
    )
    expect(page.locator(".cl-turned")).to_be_hidden()


def test_a_narrow_dark_japanese_page(lab):
    page = lab("in=4&out=4&g=2&lang=ja", width=420, theme="dark", locale="ja-JP")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    overflow = page.locator(".conv-lab :is(button, figcaption, .cl-mark, .cl-line span)").evaluate_all(
        "(all) => all.filter(({scrollWidth, clientWidth}) => clientWidth && scrollWidth > clientWidth + 1)"
        ".map((one) => one.textContent)"
    )
    assert overflow == []


def test_a_trained_kernel_is_two_presses_away(app_server, open_page):
    page = open_page(app_server("playground?part=conv&source=photo&lang=en"))
    page.locator("summary").filter(has_text="A kernel from a trained network").click()
    page.get_by_role("button", name="Take it for output 0").click(timeout=60_000)
    chosen = page.get_by_role("combobox", name="Ready-made kernels for output 0")
    expect(chosen).to_have_value("resnet20/conv1/0", timeout=20_000)
    expect(page).to_have_url(re.compile(r"[?&]kernel=resnet20%2Fconv1%2F0(&|$)"))
