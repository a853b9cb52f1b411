"""Evaluation in the browser: the ranking is walked through, mistakes are paged through, the link follows."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds within which 24 pictures have been looked through, PyTorch loaded."""

DRAWN = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(data).size > 50;
}"""


@pytest.fixture
def page(app_server, open_page):
    page = open_page(app_server("detection?part=evaluation&kind=true"))
    expect(page.locator(".mistakes-kinds button").first).to_be_visible(timeout=SOON)
    return page


def test_walking_through_the_ranking_moves_the_point(page):
    plot, said = page.locator(".match-plot"), page.locator(".match-said")
    place = page.locator(".match .player output")
    plot.focus()
    page.keyboard.press("Home")
    expect(place).to_have_text(re.compile(r"^1 "))
    first = said.inner_text()
    assert re.search(r"/ 1 = [01]", first)
    row = page.locator(".match-rows tr.on td")
    expect(row.first).to_have_text("1")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text(re.compile(r"^2 "))
    expect(said).to_contain_text("/ 2 = ")
    expect(page).to_have_url(re.compile(r"rank=2\b"))
    page.locator(".match-rows tr[data-place='4'] td").first.click()
    expect(place).to_have_text(re.compile(r"^5 "))
    # Precision and recall in the row are those of its counts.
    cells = page.locator(".match-rows tr.on td").all_inner_texts()
    hits, wrong = int(cells[3]), int(cells[4])
    assert hits + wrong == 5
    assert float(cells[5]) == pytest.approx(hits / 5, abs=0.002)


def test_mistakes_are_paged_through_by_keyboard(page):
    label = page.locator(".mistakes-stage canvas").first
    before = label.get_attribute("aria-label")
    page.locator(".mistakes-stage").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".mistakes-steps output")).to_have_text(re.compile(r"^2 "))
    assert label.get_attribute("aria-label") != before
    expect(page).to_have_url(re.compile(r"case=1\b"))
    missed = page.locator(".mistakes-kinds button[data-kind='missed']")
    missed.click()
    expect(page.locator(".mistakes-kinds button[data-kind='missed']")).to_have_attribute(
        "aria-checked", "true"
    )
    expect(page).to_have_url(re.compile(r"^(?!.*case=).*$"))
    for _ in range(300):
        if label.evaluate(DRAWN):  # the picture has come, not only its frame
            return
        page.wait_for_timeout(100)
    raise AssertionError("the picture of the mistake was not drawn")


def test_it_fits_a_telephone_in_the_dark_and_in_japanese(app_server, open_page):
    page = open_page(app_server("detection?part=evaluation&lang=ja"), width=420, theme="dark")
    expect(page.locator(".mistakes-kinds button").first).to_be_visible(timeout=SOON)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
