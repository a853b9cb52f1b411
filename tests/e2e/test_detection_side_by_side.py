"""Side by side in a browser: what is pointed at in one photo is marked in the other."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_box_and_its_match_are_marked_together(app_server, open_page):
    page = open_page(app_server("detection?part=side_by_side"))
    photos = page.locator(".pair-photo")
    expect(photos).to_have_count(2, timeout=30_000)
    mine, other = (photos.nth(side).locator(".pair-box[data-number='1']") for side in (0, 1))
    marked = re.compile(r"\bpair-marked\b")
    mine.hover()
    for box in (mine, other):
        expect(box).to_have_class(marked)
    expect(photos.nth(1).locator(".pair-said")).to_contain_text(re.compile(r"^1: face \d+\.\d%$"))
    page.mouse.move(2, 2)
    for box in (mine, other):
        expect(box).not_to_have_class(marked)
    other.focus()  # by the keyboard, too
    expect(mine).to_have_class(marked)
    page.keyboard.press("Escape")
    expect(mine).not_to_have_class(marked)


def test_a_box_that_only_one_found_dims_the_others(app_server, open_page):
    page = open_page(app_server("detection?part=side_by_side"), width=420, theme="dark", locale="ja-JP")
    photos = page.locator(".pair-photo")
    alone = photos.nth(1).locator(".pair-box").last
    alone.click()
    number = alone.get_attribute("data-number")
    expect(photos.nth(0).locator(".pair-said")).to_have_text(f"{number}: –")
    expect(photos.nth(0).locator(".pair-marked")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
