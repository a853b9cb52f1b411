"""Gradient descent in a real browser: the start is dragged, steps are scrubbed, divergence is said."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(app_server, open_page):
    def start(query="", **options):
        page = open_page(app_server(f"foundations?part=descent{query}"), **options)
        expect(page.locator(".dv-step")).to_be_visible(timeout=60_000)
        return page

    return start


def exact(page):
    expect(page.locator(".dv-caption")).to_contain_text("computed by torch.optim")


def test_dragging_the_start_moves_the_paths_at_once_and_pytorch_confirms(page):
    tab = page("&surface=bowl&runs=sgd:0.1&steps=10")
    start = tab.get_by_role("button", name=re.compile("^Start at"))
    box = tab.locator(".dv-map canvas").bounding_box()
    tab.mouse.move(box["x"] + 300, box["y"] + 150)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 400, box["y"] + 120, steps=4)
    expect(tab.locator(".dv-caption")).to_contain_text("preview")
    tab.mouse.up()
    exact(tab)
    expect(tab).to_have_url(re.compile("start="))
    x, y = (
        float(part)
        for part in re.search(r"Start at (\S+), (\S+);", start.get_attribute("aria-label")).groups()
    )
    # ten steps of learning rate 0.1 on x² + y²: 0.8 to the tenth, squared, of the loss
    said = tab.locator(".dv-end").first.text_content()
    assert float(said.split()[-1]) == pytest.approx((x * x + y * y) * 0.8**20, rel=0.01)


def test_the_start_moves_with_the_keyboard(page):
    tab = page("&surface=bowl")
    start = tab.get_by_role("button", name=re.compile("^Start at"))
    start.focus()
    tab.keyboard.press("ArrowRight")
    expect(start).to_have_attribute("aria-label", re.compile(r"Start at -2.34, 1.6;"))
    tab.keyboard.press("Shift+ArrowUp")
    expect(start).to_have_attribute("aria-label", re.compile(r"Start at -2.34, 2.2;"))
    expect(tab).to_have_url(re.compile("start=-2.34"))


def test_a_step_is_written_out(page):
    tab = page("&surface=bowl&runs=sgd:0.1&start=2,-1&steps=20&step=1")
    rows = tab.locator(".dv-step tbody tr")
    expect(rows.nth(0)).to_contain_text("∂L/∂x = 4")
    expect(rows.nth(1)).to_contain_text("−0.1 × 4 = −0.4")
    expect(rows.nth(2)).to_contain_text("2 + (−0.4) = 1.6")
    tab.get_by_role("button", name="One step on").click()
    expect(rows.nth(2)).to_contain_text("1.6 + (−0.32) = 1.28")
    tab.get_by_role("button", name="To the start").click()
    expect(tab.locator(".dv-caption")).to_contain_text("go on to the first step")
    tab.get_by_role("button", name="Play").click()
    expect(tab.locator(".player output")).to_have_text("Step 20 of 20", timeout=15_000)


def test_adams_first_step(page):
    tab = page("&surface=bowl&runs=adam:0.1&start=2,-1&steps=20&step=1")
    expect(tab.locator(".dv-step tbody tr").last).to_contain_text("2 + (−0.1) = 1.9")
    expect(tab.locator(".dv-step")).to_contain_text("0.9 × 0 + 0.1 × 4 = 0.4")


def test_divergence_is_shown_and_explained(page):
    tab = page("&surface=bowl&runs=sgd:0.9&steps=60")
    note = tab.locator(".dv-note")
    expect(note).to_contain_text("η = 0.9 is below 2 / λ = 1")
    rate = tab.get_by_role("slider", name="learning rate η")
    rate.focus()
    for _ in range(8):
        rate.press("ArrowRight")
    expect(note).to_contain_text("is above 2 / λ = 1")
    expect(tab).to_have_url(re.compile("runs=sgd%3A1.0"))
    rate.press("End")
    expect(note).to_contain_text("Diverged: after")
    expect(tab.locator(".dv-end").first).to_have_text("diverged")


def test_optimisers_are_compared_added_and_removed(page):
    tab = page("&surface=bowl")
    runs = tab.locator(".dv-run")
    expect(runs).to_have_count(3)
    tab.get_by_role("button", name="Compare another").click()
    expect(runs).to_have_count(4)
    expect(runs.nth(3)).to_contain_text("Nesterov")
    tab.get_by_role("combobox", name="optimiser").select_option("rmsprop")
    expect(tab.locator(".dv-step")).to_contain_text("α s + (1 − α) g²")
    tab.get_by_role("button", name="Remove Momentum").click()
    expect(runs).to_have_count(3)
    expect(tab).to_have_url(re.compile("runs="))
    tab.get_by_role("button", name="Reset").click()
    expect(runs.nth(1)).to_contain_text("Momentum")
    expect(tab).not_to_have_url(re.compile("runs="))


def test_mini_batches_on_data(page):
    tab = page("&surface=line&runs=sgd:0.05&steps=40")
    steady = tab.locator(".dv-end").first.text_content()
    batch = tab.get_by_role("slider", name="mini-batch")
    batch.focus()
    batch.press("Home")
    expect(tab).to_have_url(re.compile("batch=1"))
    exact(tab)
    expect(tab.locator(".dv-end").first).not_to_have_text(steady)
    expect(tab.locator(".dv-line canvas")).to_have_attribute("aria-label", re.compile("mini-batch"))


def test_the_readers_own_surface_and_its_mistakes(page):
    tab = page()
    tab.get_by_role("button", name="Own formula").click()
    field = tab.get_by_label("loss(x, y) =")
    expect(field).to_have_value(re.compile("sin"))
    field.fill("x * z")
    field.press("Enter")
    expect(tab.get_by_role("alert").filter(has_text="z is neither")).to_be_visible()
    expect(field).to_have_value("x * z")
    field.fill("x^2 + 3y^2")
    field.press("Enter")
    expect(tab.locator(".dv-note")).to_contain_text("6 and 2")
    expect(tab).to_have_url(re.compile("surface=own"))


def test_a_narrow_page_in_japanese(page):
    tab = page("&lang=ja&surface=line&batch=4", width=420)
    assert tab.evaluate("document.documentElement.scrollWidth") == 420
    assert tab.locator(".descent-view").evaluate("e => e.scrollWidth <= e.clientWidth")
    expect(tab.get_by_role("button", name="再生")).to_be_visible()
