"""Backpropagation in a real browser: steps, values that follow sliders, a walk along the graph."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(app_server, open_page):
    def start(query="", **options):
        page = open_page(app_server(f"foundations?part=backprop{query}"), **options)
        expect(page.locator(".gv-stage svg")).to_be_visible(timeout=60_000)
        return page

    return start


def node(page, name):
    return page.locator(".gv-stage").get_by_role("button", name=re.compile(f"^{name}( =|,)"))


def test_the_course_example_step_by_step(page):
    tab = page()
    card = tab.locator(".gv-card")
    expect(card).to_contain_text("∂y/∂x = 12")
    expect(card).to_contain_text("autograd gives the same at every node; largest difference 0")
    tab.get_by_role("button", name="To the start").click()
    expect(tab.locator(".gv-gradient").filter(has_text=re.compile(r"\d"))).to_have_count(0)
    said = []
    on = tab.get_by_role("button", name="One step on")
    for step in range(1, 8):
        on.click()
        expect(tab.locator(".player output")).to_have_text(f"Step {step} of 7")
        said.append(card.text_content())
    assert "v1 = x2 = 32 = 9" in said[0]
    assert "v2 = 2 · v1 = 2 × 9 = 18" in said[1]
    assert "y = v2 + 3 = 18 + 3 = 21" in said[2]
    assert "∂y/∂y = 1" in said[3]
    assert "∂y/∂v2 · ∂v2/∂v1 = 1 × 2 = 2" in said[5]
    assert "∂y/∂x = 12" in said[6]
    expect(tab).to_have_url(re.compile(r"part=backprop$"))
    tab.get_by_role("button", name="One step back").click()
    expect(card).to_contain_text("∂y/∂v2 · ∂v2/∂v1 = 1 × 2 = 2")
    expect(tab).to_have_url(re.compile("step=6"))


def test_a_slider_changes_everything_at_once_and_pytorch_confirms(page):
    tab = page()
    slider = tab.get_by_role("slider", name="x", exact=True)
    slider.focus()
    slider.press("ArrowRight")
    card = tab.locator(".gv-card")
    expect(card).to_contain_text("∂y/∂x = 12.2")
    expect(card).to_contain_text("autograd gives the same")
    expect(tab).to_have_url(re.compile("values=x%3A3.05"))
    field = tab.get_by_role("textbox", name="x", exact=True)
    field.fill("-2")
    field.press("Enter")
    expect(card).to_contain_text("∂y/∂x = −8")


def test_gradients_add_up_at_a_node_that_is_used_twice(page):
    tab = page("&graph=own&f=u%20%3D%20a*b%0Au*a&values=a:3,b:2")
    node(tab, "a").hover()
    card = tab.locator(".gv-card")
    expect(card).to_contain_text("Variable a")
    expect(card).to_contain_text("= 1 × 6 + 3 × 2 = 12")
    expect(card).to_contain_text("autograd: 12, the same")


def test_walking_along_the_graph_with_the_keyboard(page):
    tab = page("&graph=neuron")
    last = node(tab, "L")
    last.focus()
    card = tab.locator(".gv-card")
    expect(card).to_contain_text("Node L")
    tab.keyboard.press("ArrowLeft")
    expect(card).to_contain_text("Node v4")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    expect(card).to_contain_text(re.compile("Node z"))
    tab.keyboard.press("ArrowRight")
    expect(card).to_contain_text("Node a")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Escape")
    expect(card).to_contain_text("All gradients of L")


def test_the_formula_is_edited_and_mistakes_are_said(page):
    tab = page()
    area = tab.get_by_label("Formula")
    area.fill("z = w*x + b\n(z - t)**")
    expect(tab.get_by_role("alert").filter(has_text="cannot be read")).to_be_visible()
    expect(area).to_have_value("z = w*x + b\n(z - t)**")
    area.fill("z = w*x + b\n(z - t)**2")
    expect(tab.locator(".gv-slider")).to_have_count(4)
    expect(tab).to_have_url(re.compile("graph=own"))
    tab.get_by_role("button", name="ReLU that is off").click()
    expect(tab.locator(".gv-card")).to_contain_text("∂L/∂w = 0")
    expect(area).to_have_value(re.compile("relu"))


def test_a_narrow_page_in_japanese(page):
    tab = page("&lang=ja&graph=layers", width=420)
    assert tab.evaluate("document.documentElement.scrollWidth") == 420
    expect(tab.locator(".gv-card")).to_contain_text("すべての勾配")
