"""Augmentation in the browser: what was done is said, a draw is followed into a network."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds until the data set is drawn, PyTorch loaded."""
LINK = "training?part=augmentation&recipe=flip:0.5,rotate:30,cutmix:1"


def opened(app_server, open_page, link=LINK, **options):
    page = open_page(app_server(link), **options)
    expect(page.locator(".augment-draw").first).to_be_visible(timeout=SOON)
    return page


def test_a_draw_says_what_was_done_and_is_followed(app_server, open_page):
    page = opened(app_server, open_page)
    cells, tip = page.locator(".augment-draw"), page.locator(".augment-tip")
    expect(cells).to_have_count(48)
    expect(tip).to_be_hidden()
    for place in (0, 13, 47):
        cell = cells.nth(place)
        cell.hover()
        expect(tip).to_be_visible()
        said = [line for line in tip.locator("li").all_inner_texts() if line]
        assert said
        for line in said:
            assert line in cell.get_attribute("aria-label")
        # The bar is the label: its parts share the width as the shares do.
        widths = cell.locator(".augment-bar i").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().width)"
        )
        shares = cell.locator(".augment-bar i").evaluate_all(
            "all => all.map((one) => Number(one.style.flexGrow))"
        )
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert [width / sum(widths) for width in widths] == pytest.approx(shares, abs=0.02)
    cells.nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"chosen=1%2C1\b"))
    expect(cells.nth(9)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Draw 2 of", exact=False).first).to_be_visible()


def test_channels_are_walked_by_keyboard(app_server, open_page):
    page = opened(app_server, open_page)
    channels = page.locator(".effect-channel")
    expect(channels.first).to_be_visible(timeout=SOON)
    moved = [
        float(text.rstrip(" %").replace("∞", "inf"))
        for text in page.locator(".effect-channel span").all_inner_texts()
    ]
    assert moved == sorted(moved, reverse=True)
    channels.first.focus()
    page.keyboard.press("ArrowRight")
    expect(channels.nth(1)).to_have_attribute("aria-checked", "true")
    number = page.locator(".effect-channel small").nth(1).inner_text()
    expect(page.locator(".effect-pairs h5").nth(2)).to_contain_text(f"Channel {number},")
    shares = page.locator(".effect-value").all_inner_texts()
    assert len(shares) >= 6
    assert all(0 <= float(share.rstrip(" %")) <= 100 for share in shares)


def test_a_preset_and_another_draw(app_server, open_page):
    page = opened(app_server, open_page, "training?part=augmentation")
    first = page.locator(".augment-draw").first
    expect(first).to_have_attribute("aria-label", re.compile("Nothing was changed"))
    page.get_by_role("button", name="Strong").or_(page.get_by_role("radio", name="Strong")).first.click()
    expect(page).to_have_url(re.compile("policy%3Atrivialaugment"))
    expect(first).not_to_have_attribute("aria-label", re.compile("Nothing was changed"))
    before = first.get_attribute("aria-label")
    page.get_by_role("button", name="Draw again").click()
    expect(page).to_have_url(re.compile(r"draws=1\b"))
    expect(first).not_to_have_attribute("aria-label", before)


def test_it_fits_a_telephone_in_the_dark_and_in_japanese(app_server, open_page):
    page = opened(app_server, open_page, f"{LINK}&lang=ja", width=420, theme="dark")
    expect(page.locator(".effect-channel").first).to_be_visible(timeout=SOON)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
    page.locator(".augment-draw").nth(3).click()
    tip = page.locator(".augment-tip")
    expect(tip).to_be_visible()
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
