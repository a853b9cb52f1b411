"""Networks on the Foundations page in a browser: trained, looked back at, painted, widened, dragged."""

import random
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from playwright.sync_api import expect

from explainer.playground import digits, points
from explainer.playground.approximation import least_squares, target
from explainer.playground.learner import ACTIVATIONS, Learner, Rule, Shape, build, flat
from explainer.playground.shifted import bundled, place, shift

pytestmark = pytest.mark.e2e


@pytest.fixture
def visit(app_server, open_page):
    def start(link: str, wait: str, **options):
        page = open_page(app_server(f"foundations?{link}"), **options)
        expect(page.locator(wait)).to_be_visible(timeout=60_000)
        return page

    return start


def link(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def moons(shape: Shape) -> Learner:
    found = points.make("moons", count=160, noise=0.1, held_out=0.3, seed=shape.seed)
    return Learner(shape, (found.train, found.train_labels), (found.test, found.test_labels))


def said(learner: Learner) -> str:
    measured = learner.measure()
    return f"training: {measured.loss:.3f}, {100 * measured.accuracy:.1f} %"


def test_steps_are_those_of_pytorch_and_can_be_looked_back_at(visit):
    page = visit("part=mlp", ".lv-play")
    mine = moons(Shape(2, (4, 2), 1))
    expect(page.locator(".lv-key")).to_contain_text(said(mine))
    step = page.get_by_role("button", name="One step")
    for number in (1, 2):
        step.click()
        expect(page.locator(".lv-count")).to_have_text(f"step {number}")
    mine.run(2, Rule(rate=0.03))
    expect(page.locator(".lv-key")).to_contain_text(said(mine))
    expect(page).to_have_url(re.compile("trained=2"))

    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".learner-view")).to_have_attribute("data-playing", "true")
    expect(page.locator(".lv-count")).to_have_text(re.compile(r"step [\d,]{2,}"))
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".learner-view")).to_have_attribute("data-playing", "false")
    slider = page.get_by_role("slider", name="Look back")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".lv-count")).to_have_text("step 0 (looking back)")
    expect(page.locator(".lv-key")).to_contain_text(said(moons(Shape(2, (4, 2), 1))))
    page.get_by_role("button", name="From the beginning").click()
    expect(page.locator(".lv-count")).to_have_text("step 0")


def test_the_link_leads_to_the_trained_network(visit):
    page = visit("part=mlp&hidden=3&act=relu&trained=120", ".lv-play")
    mine = moons(Shape(2, (3,), 1, "relu"))
    mine.run(120, Rule(rate=0.03))
    expect(page.locator(".lv-count")).to_have_text("step 120")
    expect(page.locator(".lv-key")).to_contain_text(said(mine))
    assert link(page)["trained"] == "120"


def test_what_the_plane_says_at_a_place_is_the_networks_answer(visit):
    page = visit("part=mlp&hidden=3", ".lv-play")
    plane = page.get_by_role("application", name="The plane")
    plane.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    network = build(Shape(2, (3,), 1))
    x = torch.tensor([[0.075, 0.075]])
    share = f"{100 * float(network(x).detach().sigmoid()):.1f} %"
    expect(page.locator(".lv-said").first).to_contain_text(f"probability of class 1 {share}")
    page.keyboard.press("Escape")
    page.get_by_role("application", name="The network").focus()
    page.keyboard.press("ArrowDown")
    weight = float(network[0].weight.detach()[0, 0])
    expect(page.locator(".lv-said").first).to_contain_text(f"h₁ = tanh({weight:.3g}"[:12].replace("-", "−"))


def test_layers_grow_and_points_are_painted(visit):
    page = visit("part=mlp", ".lv-play")
    page.get_by_role("button", name="one hidden layer more").click()
    expect(page).to_have_url(re.compile("hidden=4-2-2"))
    expect(page.get_by_text("hidden layers: 3")).to_be_visible()
    page.get_by_role("button", name="fewer units in hidden layer 1").click()
    expect(page).to_have_url(re.compile("hidden=3-2-2"))

    page.get_by_role("button", name="class 1").click()
    box = page.get_by_role("application", name="The plane").bounding_box()
    page.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    expect(page).to_have_url(re.compile("data=own"))
    expect(page).to_have_url(re.compile("points="))
    found = points.read(link(page)["points"])
    assert len(found) == 161
    assert any(abs(one.x + 1.2) < 0.06 and abs(one.y - 1.2) < 0.06 and one.label == 1 for one in found)


def test_the_browsers_forward_pass_is_pytorchs(open_page, file_server):
    page = open_page()
    page.goto(f"{file_server}/tests/js/")
    module = f"{file_server}/explainer/components/learner_view/forward.js"
    chance = torch.Generator().manual_seed(2)
    inputs = 3 * torch.rand(40, 2, generator=chance) - 1.5
    for activation in ACTIVATIONS:
        network = build(Shape(2, (5, 4), 1, activation, seed=7))
        with torch.no_grad():
            for one in network[::2]:
                one.bias.normal_(generator=chance)
            expected = network(inputs)[:, 0]
            hidden = network[:4](inputs)
        found = page.evaluate(
            """async ([url, sizes, row, xs, ys, activation]) => {
              const { respond, unpack } = await import(url);
              const inputs = [Float32Array.from(xs), Float32Array.from(ys)];
              const found = respond(unpack(sizes, Float32Array.from(row)), activation, inputs);
              return [[...found[2][0]], [...found[1][3]]];
            }""",
            [module, [2, 5, 4, 1], flat(network).tolist(), *inputs.T.tolist(), activation],
        )
        assert torch.allclose(torch.tensor(found[0], dtype=torch.float32), expected, atol=1e-5), activation
        assert torch.allclose(torch.tensor(found[1], dtype=torch.float32), hidden[:, 3], atol=1e-5), (
            activation
        )


def test_a_drawn_digit_is_read_by_the_network_just_trained(visit):
    page = visit("part=mlp&data=digits&trained=150", ".pad canvas")
    expect(page.locator(".lv-count")).to_have_text("step 150", timeout=60_000)
    box = page.locator(".pad canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"]
    page.mouse.move(x, y + 40)
    page.mouse.down()
    page.mouse.move(x, y + 240, steps=4)
    page.mouse.up()
    expect(page.get_by_text("It reads 1")).to_be_visible()
    expect(page.locator(".lv-tiles figure")).to_have_count(16)


def test_a_wider_layer_follows_better_and_units_are_added_up(visit):
    page = visit("part=approximation&curve=bump&unit=tanh", ".av-play")
    words = page.locator(".av-left .av-said")
    fit = least_squares(target("bump"), "tanh", 8)
    expect(words).to_contain_text(f"error {fit.error:.3g}")
    chart = page.get_by_role("slider", name="Hidden units").last
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("width=12"))
    wider = least_squares(target("bump"), "tanh", 12)
    expect(words).to_contain_text("12 units")
    expect(words).to_contain_text(f"error {wider.error:.3g}"[:10])
    slider = page.get_by_role("slider", name="Units added up")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("0 of 12 units")).to_be_visible()
    page.get_by_role("button", name="Add them up").click()
    expect(page.get_by_text("12 of 12 units")).to_be_visible()


def test_a_curve_is_drawn_by_hand(visit):
    page = visit("part=approximation", ".av-play")
    page.get_by_role("button", name="Draw your own curve").click()
    box = page.locator(".av-left canvas").first.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 250, steps=6)
    page.mouse.up()
    expect(page).to_have_url(re.compile("curve=own"))
    drawn = link(page)["drawn"]
    assert int(drawn[2:4]) > 80
    assert int(drawn[-2:]) < 25


def test_a_dragged_digit_is_read_by_both_networks(visit):
    page = visit("part=shifted", ".sv-stage")
    image = place(digits.as_input(digits.draw(4, random.Random("hand/3")))[None])
    networks = bundled("max").networks
    view = page.locator(".shift-view")

    def bars(right: int, down: int) -> list[str]:
        moved = shift(image, right, down)
        both = (networks.dense(moved), networks.convolutional(moved))
        return [f"{100 * float(one.softmax(1)[0, 4]):.1f} %" for one in both]

    share = page.locator(".sv-bars li:nth-child(5) .sv-share")
    expect(share).to_have_text(bars(0, 0))
    box = page.locator(".sv-stage").bounding_box()
    pixel = box["width"] / 28
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 100 + 4 * pixel, box["y"] + 100 - 3 * pixel, steps=5)
    expect(view).to_have_attribute("data-place", "4,-3")
    expect(share).to_have_text(bars(4, -3))
    page.mouse.up()
    expect(page).to_have_url(re.compile("right=4"))
    expect(page.get_by_text("Difference from the moved map: 0")).to_be_visible()
    page.locator(".sv-stage").focus()
    page.keyboard.press("ArrowRight")
    expect(view).to_have_attribute("data-place", "5,-3")
    expect(page.locator(".sv-card").first).to_have_attribute("data-right", "false")
    expect(page.locator(".sv-card").last).to_have_attribute("data-right", "true")


@pytest.mark.parametrize("part", ["mlp", "approximation", "shifted"])
def test_a_narrow_screen_does_not_scroll_sideways(visit, part):
    wait = {"mlp": ".lv-play", "approximation": ".av-play", "shifted": ".sv-stage"}[part]
    page = visit(f"part={part}&lang=ja", wait, width=420, theme="dark", locale="ja-JP")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
