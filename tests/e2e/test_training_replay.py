"""The film of a run in the browser: scrubbed by keys and on the curves, two epochs beside each other."""

import re

import pytest
from filmed_run import filmed_run
from playwright.sync_api import expect

from scripts.driver import ROOT, serving

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds within which PyTorch is loaded and the film is made."""
PIXELS = "canvas => canvas.toDataURL()"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with a run of four epochs."""
    folder = tmp_path_factory.mktemp("runs")
    filmed_run(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVSCOPE_RUNS", str(folder))
        with serving(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as app:
            yield app


@pytest.fixture
def page(app, open_page):
    page = open_page(app("training?part=replay&run=film&image=test-100&layer=relu_1_2&epoch=1"))
    expect(page.locator(".film-bars li").first).to_be_visible(timeout=SOON)
    return page


def shares(page) -> list[str]:
    return page.locator(".film-value").all_inner_texts()


def test_keys_scrub_and_the_numbers_follow(page):
    place = page.locator(".film .player output")
    loss = page.locator(".film-loss .film-note")
    expect(place).to_have_text("Epoch 1 of 4")
    expect(loss).to_contain_text("validation 1.90")
    before = shares(page)
    canvases = [page.locator(f".film-{name} canvas").first for name in ("filters", "maps", "kernels")]
    pictures = [canvas.evaluate(PIXELS) for canvas in canvases]
    page.locator(".film .player input").focus()
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Epoch 2 of 4")
    expect(loss).to_contain_text("validation 1.60")
    assert shares(page) != before
    assert all(canvas.evaluate(PIXELS) != was for canvas, was in zip(canvases, pictures, strict=True))
    expect(page).to_have_url(re.compile(r"epoch=2\b"))
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Epoch 4 of 4")  # the third has not been kept
    page.keyboard.press("Home")
    expect(place).to_have_text("Epoch 0 of 4")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Epoch 1 of 4")
    assert shares(page) == before
    assert [canvas.evaluate(PIXELS) for canvas in canvases] == pictures
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"^(?!.*epoch=).*$"))  # the last one is the usual
    expect(page.locator(".film .plain-unseen")).to_have_text(
        re.compile(r"^Epoch 4: .* %, validation loss 1\.00")
    )


def test_it_plays_to_the_end(page):
    page.locator(".film-pace select").select_option("8")
    page.locator(".film .icon-button-main").click()
    expect(page.locator(".film .player output")).to_have_text("Epoch 4 of 4")
    expect(page.locator(".film .icon-button-main")).to_have_attribute("aria-label", "Play")
    expect(page).to_have_url(re.compile(r"pace=8\b"))


def test_the_curves_are_there_to_scrub_in(page):
    plot = page.locator(".film-accuracy canvas").first
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] - 14, "y": 50})
    expect(page.locator(".film .player output")).to_have_text("Epoch 4 of 4")
    plot.click(position={"x": 40, "y": 50})
    expect(page.locator(".film .player output")).to_have_text("Epoch 0 of 4")
    expect(page.locator(".film-accuracy .film-note")).to_contain_text("validation 10.0 %")
    expect(page).to_have_url(re.compile(r"epoch=0\b"))


def test_two_epochs_beside_each_other(page):
    page.get_by_role("button", name="Compare with this epoch").click()
    page.locator(".film .player input").focus()
    page.keyboard.press("End")
    captions = page.locator(".film-maps figcaption")
    expect(captions).to_have_text(["Epoch 4", "Epoch 1, kept"])
    now, then = (page.locator(".film-maps canvas").nth(n).evaluate(PIXELS) for n in (0, 1))
    assert now != then
    expect(page.locator(".film-track b").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"pin=1\b"))
    page.reload()
    expect(captions).to_have_text(["Epoch 4", "Epoch 1, kept"], timeout=SOON)
    page.locator(".film .player input").focus()
    page.keyboard.press("p")
    expect(page.locator(".film-maps figure").nth(1)).to_be_hidden()


def test_colours_of_each_epoch_by_itself(page):
    maps = page.locator(".film-maps canvas").first
    fixed = maps.evaluate(PIXELS)
    page.get_by_role("radio", name="each epoch by itself").click()
    expect(page).to_have_url(re.compile(r"scale=own\b"))
    assert maps.evaluate(PIXELS) != fixed
    page.get_by_role("radio", name="red, green, blue apart").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"paint=signed\b"))


def test_it_fits_a_telephone_in_the_dark_and_in_japanese(app, open_page):
    page = open_page(app("training?part=replay&run=film&lang=ja&pin=1"), width=420, theme="dark")
    expect(page.locator(".film-bars li").first).to_be_visible(timeout=SOON)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
