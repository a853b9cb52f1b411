"""Building blocks, gradients and dropout in a browser: what the pointer, the keys and the link do."""

import re

import pytest
import torch
from playwright.sync_api import expect

from explainer.playground.dropping import dropped, masks, usual_maps
from explainer.playground.feeding import Choice, features_of, feed
from explainer.playground.gradient_flow import NETWORKS, Setting, train
from explainer.samples import sample

pytestmark = pytest.mark.e2e


@pytest.fixture
def blocks(app_server, open_page):
    def start(query="", **options):
        page = open_page(app_server(f"architectures?part=blocks{query}"), **options)
        expect(page.locator(".bp-frame[data-pair]")).to_be_visible(timeout=60_000)
        expect(page.locator(".bp-line").first).to_be_visible()
        return page

    return start


@pytest.fixture
def flow(app_server, open_page):
    def start(query="", **options):
        page = open_page(app_server(f"architectures?part=flow{query}"), **options)
        expect(page.locator(".flow-view[data-steps]")).to_be_visible(timeout=60_000)
        expect(page.locator(".dv-line strong")).not_to_be_empty(timeout=60_000)
        return page

    return start


def numbers(text):
    found = re.findall(r"−?\d+(?:\.\d+)?(?:e−?\d+)?", text)
    return [float(number.replace("−", "-")) for number in found]


def test_the_sum_at_the_pointer_is_the_tensors(blocks):
    page = blocks()
    canvas = page.locator(".bp-b .bp-strip canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * (20.5 / 32), "y": box["height"] * (9.5 / 32)})
    line = page.locator(".bp-b .bp-line")
    expect(line).to_contain_text("row 9, column 20")
    channel, y, x, *shown = numbers(line.inner_text())
    _, recorded = feed(Choice("residual"), sample("chelsea").load())
    place = (0, int(channel), int(y), int(x))
    features = features_of(recorded, "residual").output[place]
    branch = recorded["residual.bn2"].output[place]
    expected = [features, branch, features + branch, torch.relu(features + branch)]
    assert shown == pytest.approx([float(number) for number in expected], abs=2e-3, rel=1e-3)
    # the place is held, and stands in the link
    expect(page).to_have_url(re.compile(r"at=c%3A\d+%2F\d+%2C\d+"))
    page.locator(".bp-columns").press("ArrowRight")
    expect(line).to_contain_text("row 9, column 21")
    page.locator(".bp-columns").press("]")
    expect(line).to_contain_text(f"channel {int(channel) + 1},")


def test_a_click_elsewhere_right_after_a_place_keeps_it(blocks):
    page = blocks()
    canvas = page.locator(".bp-b .bp-strip canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * (20.5 / 32), "y": box["height"] * (9.5 / 32)})
    page.get_by_role("radio", name="日本語").click()
    expect(page).to_have_url(re.compile("lang=ja"))
    expect(page.locator(".bp-b .bp-line")).to_contain_text("9 行 20 列")
    expect(page).to_have_url(re.compile(r"at=c%3A\d+%2F29\d%2C64\d"))


def test_a_channel_of_a_map_leads_to_its_arithmetic_and_back(blocks):
    page = blocks("&at=b:residual.add/3/4,5")
    panel = page.locator(".cs-panel:visible")
    expect(panel).to_contain_text("residual.add")
    expect(panel).to_contain_text("equal: yes")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".cs-panel:visible")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("at="))
    view = page.locator(".bp-a .nm-base")
    view.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".cs-panel:visible")).to_contain_text("plain.")
    expect(page).to_have_url(re.compile("at=a%3Aplain"))


def test_what_does_not_travel_whole_is_asked_for(blocks):
    page = blocks("&a=inverted&at=a:inverted.depthwise/5/10,11")
    panel = page.locator(".cs-panel:visible")
    expect(panel).to_contain_text("equal: yes")
    expect(panel).to_contain_text("pixel (10, 11)")


def test_a_knob_changes_one_side_and_leaves_the_place(blocks):
    page = blocks("&b=excitation&at=c:6/500,500")
    first = page.locator(".bp-a .bp-number").first
    expect(first).to_have_text("4,672")
    line = page.locator(".bp-b .bp-line").first
    before = line.inner_text()
    page.get_by_text("Skip connection", exact=True).click()
    expect(page.locator(".bp-b .bp-join")).to_have_count(1)
    assert line.inner_text() == before  # what comes before the sum is the same
    expect(page).to_have_url(re.compile("b_skip=0"))


def test_a_concatenations_channels_are_chosen_at_their_sources(blocks):
    page = blocks("&a=inception&b=dense")
    shares = page.locator(".bp-a .bp-shares")
    shares.scroll_into_view_if_needed()
    shares.click(position={"x": 140, "y": 100})
    expect(page.locator(".bp-a .bp-line")).to_contain_text("channel 1 of project, unchanged")
    expect(page.locator(".bp-b .bp-line")).to_contain_text("of the input")


@pytest.mark.parametrize("part", ["blocks", "flow"])
def test_nothing_is_wider_than_a_small_screen(blocks, flow, part):
    page = {"blocks": blocks, "flow": flow}[part]("&lang=ja", width=420, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    for name in (".bp-frame", ".flow-view", ".dropout-view"):
        for box in page.locator(name).all():
            assert box.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


def test_gradient_norms_are_read_at_the_pointer_and_by_keys(flow):
    page = flow("&bn=0&init=glorot")
    chart = page.locator(".fv-norms")
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    table = page.locator(".fv-table")
    expect(table).to_contain_text("layer 55")
    runs = train(Setting(batch_norm=False, initialisation="glorot"), 0)
    for network, run in zip(NETWORKS, runs, strict=True):
        kind = "residual" if network.residual else "plain"
        row = table.get_by_role("row").filter(has_text=f"{kind}, {network.depth} layers")
        cells = row.get_by_role("cell").all_inner_texts()
        if network.depth == 56:
            assert numbers(cells[0])[0] == pytest.approx(run.norms[0][54], rel=2e-2)
        else:
            assert cells[0] == "–"
        assert numbers(cells[1])[0] == pytest.approx(run.norms[0][0] / run.norms[0][-2], rel=2e-2)
    page.get_by_role("button", name="plain, 20 layers").click()
    expect(page.get_by_role("button", name="plain, 20 layers")).to_have_attribute("aria-pressed", "false")


@pytest.mark.slow
def test_training_is_watched_and_can_be_ended(flow):
    page = flow()
    page.get_by_role("button", name="Train 40 steps").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".flow-view[data-steps]")).not_to_have_attribute("data-steps", "0", timeout=60_000)
    expect(page.locator(".fv-losses")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=30_000)
    expect(page.get_by_role("button", name="Train 40 steps")).to_be_visible()


def test_a_draw_of_dropout_is_pytorchs(flow):
    page = flow("&p=0.3&dropseed=4")
    view = page.locator(".dropout-view")
    view.locator("input[type=range]").fill("3")
    expect(view.locator(".dv-label")).to_have_text("draw 3 of 200")
    x = usual_maps()
    drawn = masks(tuple(x.shape), 0.3, 3, seed=4)
    at = divmod(int(x[0].argmax()), 8)
    # map, row, column: value × kept / (1 − p) = result, mean of so many draws
    _map, _y, _x, value, kept, _one, p, result, count, mean = numbers(view.locator(".dv-line").inner_text())
    assert count == 3
    assert (value, kept) == (pytest.approx(float(x[0][at]), rel=1e-3), int(drawn[2][0][at]))
    assert p == 0.3
    assert result == pytest.approx(float(dropped(x, drawn[2], 0.3)[0][at]), rel=1e-3)
    expected = torch.stack([dropped(x, mask, 0.3) for mask in drawn]).mean(0)[0][at]
    assert mean == pytest.approx(float(expected), rel=1e-3)
    view.get_by_role("radio", name="evaluation").click()
    expect(view.locator(".dv-line")).to_contain_text("nothing is dropped")
