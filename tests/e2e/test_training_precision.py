"""Mixed precision in the browser: bits are flipped, the scale is disturbed, gradients are scaled."""

import re
import struct

import pytest
import torch
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds until PyTorch is loaded, and a process of its own has trained some steps."""


def opened(app_server, open_page, link, wanted, **options):
    page = open_page(app_server(f"training?part=precision{link}"), **options)
    expect(page.locator(wanted).first).to_be_visible(timeout=SOON)
    return page


def bits(page, name: str) -> str:
    return "".join(page.locator(f".bits-format[data-format='{name}'] .bit").all_inner_texts())


def test_flipping_a_bit_gives_the_number_that_pytorch_reads(app_server, open_page):
    page = opened(app_server, open_page, "&number=0.1", ".bit")
    before = bits(page, "float16")
    assert int(before, 2) == int(torch.tensor(0.1).half().view(torch.int16))
    wanted = before[:3] + str(1 - int(before[3])) + before[4:]
    page.locator("[data-at='float16-3']").click()
    value = struct.unpack(">e", int(wanted, 2).to_bytes(2))[0]
    expect(page.locator("[data-at='float16-3']")).to_have_text(wanted[3])
    assert bits(page, "float16") == wanted
    assert float(page.get_by_role("textbox", name="Number").input_value()) == value
    assert int(bits(page, "float32"), 2) == struct.unpack(">I", struct.pack(">f", value))[0]
    # The keyboard does the same, and stays where it is.
    page.locator("[data-at='bfloat16-0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("[data-at='float32-0']")).to_have_text("1")
    expect(page.locator("[data-at='bfloat16-0']")).to_be_focused()


def test_a_pixel_is_chosen_with_the_arrow_keys(app_server, open_page):
    page = opened(app_server, open_page, "&of=pixel&pixel=5,6", ".bits-stage")
    page.locator(".bits-stage").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(r"pixel=6%2C6\b"))
    expect(page.get_by_text("Row 6, column 6")).to_be_visible()


def test_an_overflow_halves_the_scale(app_server, open_page):
    page = opened(app_server, open_page, "&show=scale&overflows=-&limit=30&interval=30", ".course-plot")
    plot = page.locator(".course-plot")
    plot.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuenow", "5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"overflows=4\b"))
    expect(page.locator(".course-said")).to_contain_text("A gradient is infinite")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".course-said")).to_contain_text("Step 6: scale 2¹⁵")
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"overflows=4%2C\d\d\b"))


def test_gradients_are_measured_and_scaled(app_server, open_page):
    page = opened(app_server, open_page, "&show=scale&recipe=batch_size:8", ".course-plot")
    page.get_by_role("button", name="Measure the gradients").click()
    said = page.locator(".magnitudes-said")
    expect(said).to_contain_text("With a loss scale of 2⁰", timeout=SOON)
    slider = page.locator(".magnitudes-scale input")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("With a loss scale of 2³")
    expect(page).to_have_url(re.compile(r"power=3\b"))


def test_it_fits_a_telephone_in_the_dark_and_in_japanese(app_server, open_page):
    page = opened(app_server, open_page, "&lang=ja&number=3e38", ".bit", width=420, theme="dark")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
    page = opened(app_server, open_page, "&lang=ja&show=scale", ".course-plot", width=420, theme="dark")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
