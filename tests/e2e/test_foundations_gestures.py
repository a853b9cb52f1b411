"""The gestures of perceptron, activations and losses in a browser, against PyTorch."""

import re

import pytest
import torch
from playwright.sync_api import expect

from explainer.playground.activations import chain, curve
from explainer.playground.losses import descend, scored
from explainer.playground.perceptron import Weights, data, learn

pytestmark = pytest.mark.e2e
expect.set_options(timeout=20_000)  # a busy machine


def written(value: float) -> str:
    """As the formulas write numbers: at most five digits."""
    return f"{float(f'{value:.5g}'):.10f}".rstrip("0").rstrip(".").replace("-", "−")


def place(page, x1: float, x2: float) -> tuple[float, float]:
    """Where a point of the perceptron's plane is on the screen."""
    plane = page.locator(".pv-plane svg")
    expect(plane).to_be_visible()
    box = plane.bounding_box()
    scale = box["width"] / 600
    return (box["x"] + scale * (30 + (x1 + 1) * 180), box["y"] + scale * (600 - 30 - (x2 + 1) * 180))


def drag(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def test_the_learning_rule_look_by_look(app_server, open_page):
    page = open_page(app_server("foundations?part=perceptron&data=and&lang=en"))
    run = learn(data("and"), Weights(1, -1, 0.5))
    following = page.get_by_role("button", name="Next look", exact=True)
    fields = page.locator(".pv-field")
    for one in run.looks[:3]:
        following.click()
        for number, value in enumerate((one.after.w1, one.after.w2, one.after.b)):
            expect(fields.nth(number)).to_have_value(f"{value:g}")
        values = page.locator(".pv-card .pv-val")
        expect(values.nth(0)).to_have_text(f"= {written(one.total)}")
        expect(values.nth(2)).to_have_text(f"= {written(one.error)}")
        expect(values.nth(5)).to_have_text(f"= {written(one.change.b)}")
    expect(page).to_have_url(re.compile("look=3"))
    page.get_by_role("button", name="One look back").click()
    expect(fields.nth(2)).to_have_value(f"{run.looks[1].after.b:g}")
    page.get_by_role("button", name="To the end", exact=True).click()
    expect(page.locator(".pv-verdict")).to_contain_text("the rule has found a line")
    expect(page.locator(".pv-truth tr[data-wrong='true']")).to_have_count(0)
    expect(page.locator(".pv-verdict")).to_contain_text("= 51 mistakes")  # Novikoff


def test_xor_has_no_line_and_the_page_says_why(app_server, open_page):
    page = open_page(app_server("foundations?part=perceptron&data=xor&lang=en"))
    page.get_by_role("button", name="To the end", exact=True).click()
    said = page.locator(".pv-verdict")
    expect(said).to_contain_text("No line can divide these points")
    first, second = learn(data("xor"), Weights(1, -1, 0.5)).cycle
    expect(said).to_contain_text(f"after look {second} are those after look {first}")
    expect(page.locator(".pv-hull")).to_have_count(2)
    said.get_by_role("link").click()
    expect(page).to_have_url(re.compile("part=mlp"))


def test_line_and_points_are_moved_by_hand(app_server, open_page):
    page = open_page(app_server("foundations?part=perceptron&data=and&lang=en"))
    fields = page.locator(".pv-field")
    expect(page.locator(".pv-point")).to_have_count(4)
    page.locator(".pv-plane").scroll_into_view_if_needed()

    drag(page, place(page, -0.5, 0), place(page, 0, -0.5))  # x1 - x2 + b = 0 through (0, -0.5)
    expect(fields.nth(2)).to_have_value(re.compile(r"^-0\.(49|5|51)$"))
    expect(page).to_have_url(re.compile("start=1%2C-1%2C-0.[45]"))
    fields.nth(0).fill("1")
    fields.nth(1).fill("1")
    fields.nth(2).fill("-1.5")
    fields.nth(2).press("Enter")
    expect(page.locator(".pv-tables")).to_contain_text("Wrong with these weights: 0 of 4")

    page.mouse.click(*place(page, 1, 1))  # turned over: the target is 0 now
    expect(page.locator(".pv-tables")).to_contain_text("1 of 4")
    expect(page).to_have_url(re.compile("points=0%2C0%2C0"))
    page.mouse.click(*place(page, 1.5, 1.5))  # a new point of class 1
    expect(page.locator(".pv-point")).to_have_count(5)
    drag(page, place(page, 0, 0), place(page, -0.5, -0.5))
    expect(page.get_by_role("button", name="Point (−0.5, −0.5), target 0")).to_be_visible()
    point = page.locator(".pv-point").nth(4)
    point.focus()
    page.keyboard.press("ArrowRight")
    expect(point).to_have_attribute("aria-label", re.compile(r"Point \(1\.55, 1\.5\), target 1"))
    page.keyboard.press("Delete")
    expect(page.locator(".pv-point")).to_have_count(4)

    expect(page).to_have_url(re.compile("points=-0.5%2C-0.5%2C0%3B0%2C1%2C0%3B1%2C0%2C0%3B1%2C1%2C0(&|$)"))
    page.reload()  # the link is the state
    expect(page.get_by_role("button", name="Point (−0.5, −0.5), target 0")).to_be_visible()
    expect(fields.nth(2)).to_have_value("-1.5")
    page.get_by_role("button", name="Reset").first.click()
    expect(page.get_by_role("button", name="Point (0, 0), target 0")).to_be_visible()


def test_functions_are_read_off_at_the_pointer(app_server, open_page):
    page = open_page(app_server("foundations?part=activations&f=sigmoid,gelu&x=1.2&lang=en"))
    rows = page.locator(".cv-table tbody tr")
    for row, name in enumerate(("sigmoid", "gelu")):
        found = curve(name, None, torch.tensor([1.2], dtype=torch.float64))
        for cell, value in ((1, found.value), (2, found.derivative)):
            expect(rows.nth(row).locator("td").nth(cell)).to_have_text(written(float(value)))
    canvas = page.locator(".cv-pane canvas").first
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 38 + (box["width"] - 48) * 0.25, box["y"] + 90)
    at = page.locator(".cv-at")
    expect(at).to_have_text(re.compile("x = −(2.9|3)"))
    x = float(at.inner_text().removeprefix("x = ").replace("−", "-"))
    found = curve("gelu", None, torch.tensor([x], dtype=torch.float64))
    expect(rows.nth(1).locator("td").nth(2)).to_have_text(written(float(found.derivative)))
    rows.nth(1).get_by_role("radio").click()
    expect(page.locator(".cv-line").first).to_contain_text("Φ")
    expect(page.locator(".cv-line").first).to_contain_text(written(float(found.value)))
    expect(page).to_have_url(re.compile("read=gelu"))
    page.get_by_label("x", exact=True).press("ArrowRight")
    expect(at).to_have_text(f"x = {written(x + 0.01)}")


def test_gradients_by_layer(app_server, open_page):
    page = open_page(app_server("foundations?part=activations&f=sigmoid,relu&depth=30&init=he&lang=en"))
    slider = page.locator(".ch-slider input")
    slider.scroll_into_view_if_needed()
    slider.press("Home")
    cells = page.locator(".ch-table tbody tr")
    wanted = [float(chain(name, depth=30, initialisation="he").gradient[0]) for name in ("sigmoid", "relu")]
    expect(cells.nth(0).locator("td").nth(1)).to_have_text(re.sub(r"e-0?", "e−", f"{wanted[0]:.2e}"))
    expect(cells.nth(1).locator("td").nth(1)).to_have_text(f"{wanted[1]:.4g}")
    expect(page.locator(".ch-strips canvas")).to_have_count(2)


def test_scores_are_dragged_and_pytorch_answers(app_server, open_page):
    page = open_page(app_server("foundations?part=losses&lang=en"))
    score = page.get_by_role("slider", name="score of B")
    score.scroll_into_view_if_needed()
    box = score.bounding_box()
    middle = box["y"] + box["height"] / 2
    start = (box["x"] + box["width"] * 0.6, middle)
    drag(page, start, (box["x"] + box["width"] * 0.85, middle))
    expect(page).to_have_url(re.compile("z=2%2C3"))
    logits = [2.0, float(score.get_attribute("aria-valuenow")), 0.0, -1.0]
    found = scored(torch.tensor(logits), 0)
    percents = page.locator(".sm-list .sm-percent")
    slopes = page.locator(".sm-list .sm-slope")
    for number in range(4):
        expect(percents.nth(number)).to_have_text(f"{100 * float(found.probabilities[number]):.2f} %")
        value = float(f"{float(found.gradient[number]):.3g}")
        expect(slopes.nth(number)).to_have_text(written(value))
    page.get_by_role("radio", name="B is right").click()
    expect(page.locator(".sm-formulas")).to_contain_text(written(scored(torch.tensor(logits), 1).loss))
    score.press("ArrowLeft")
    expect(score).to_have_attribute("aria-valuenow", f"{logits[1] - 0.1:g}")


def test_the_balls_roll(app_server, open_page):
    page = open_page(app_server("foundations?part=losses&from=-6&lang=en"))
    steps = page.locator(".cv-balls input")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(steps).not_to_have_value("0")
    page.get_by_role("button", name="Pause", exact=True).click()
    near = 1 - torch.sigmoid(descend("logit", "entropy_z", -6.0, 1.0, rate=1.0, steps=80))
    reached = int((near < 0.1).nonzero()[0])
    expect(page.get_by_text(f"within 0.1 of the target after {reached} steps")).to_be_visible()


def test_nothing_is_wider_than_a_small_screen(app_server, open_page):
    for part in ("perceptron", "activations", "losses"):
        page = open_page(app_server(f"foundations?part={part}&lang=ja"), width=420, theme="dark")
        expect(page.locator(".perceptron-view, .curve-view").first).to_be_visible()
        expect(page.locator(".pv-plane svg, .cv-pane canvas").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
