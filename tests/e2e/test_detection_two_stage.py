"""Faster R-CNN step by step in a browser: places and bins by click and key; where a box came from."""

import re

import pytest

pytestmark = pytest.mark.e2e

LINK = "detection?part=two_stage&weights=none&score=0.05"


@pytest.fixture
def view(app_server, open_page):
    page = open_page(app_server(LINK))
    page.locator(".two-root[data-ready]").wait_for()
    return page


def step(page, key):
    page.locator(f'[data-key="step-{key}"]').click()
    page.wait_for_url(re.compile(f"step={key}"))


def test_a_place_is_chosen_and_its_numbers_come(view):
    step(view, "rpn")
    canvas = view.locator(".two-map canvas").nth(1)
    canvas.click(position={"x": 20, "y": 20})
    view.wait_for_url(re.compile(r"spot=1\.\d+\.\d+\.\d"))
    before = view.url
    canvas.press("ArrowRight")
    view.wait_for_url(lambda url: url != before)
    numbers = view.locator(".two-numbers").first
    numbers.get_by_text(re.compile(r"= −?\d")).wait_for()  # x = ... of the anchor that is shown
    view.locator('[data-key="anchor-3"]').click()
    view.wait_for_url(re.compile(r"spot=1\.\d+\.\d+\.3"))


def test_a_bin_by_the_keyboard_and_back(view):
    step(view, "roi")
    view.locator(".two-pooled").press("ArrowDown")
    view.keyboard.press("ArrowRight")  # the map has kept the focus
    view.keyboard.press("ArrowLeft")
    view.wait_for_url(re.compile(r"bin=4\.3"))
    said = view.locator(".two-said").inner_text()
    assert "row 4, column 3" in said
    tensor = view.locator(".two-note", has_text="PyTorch").inner_text()
    value = re.search(r"(−?[\d.]+(e−?\d+)?)$", said)[1]
    assert value in tensor  # the sum by hand is the tensor's number
    view.go_back()
    view.wait_for_url(lambda url: "bin=4.3" not in url)
    view.locator(".two-said", has_text="row 3, column 3").wait_for()


def test_a_box_tells_where_it_came_from(view):
    step(view, "result")
    view.locator('[data-key="found-0"]').click()
    view.locator('[data-key="to-proposals"]').click()
    view.wait_for_url(re.compile("step=proposals"))
    view.wait_for_url(re.compile(r"region=\d+"))
    region = int(re.search(r"region=(\d+)", view.url)[1])
    view.locator(".two-said", has_text=f"Proposal {region + 1}:").wait_for()


def test_it_fits_a_telephone(app_server, open_page):
    page = open_page(app_server(f"{LINK}&step=roi"), width=420, theme="dark")
    page.locator(".two-root[data-ready]").wait_for()
    page.locator(".two-pooled").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
