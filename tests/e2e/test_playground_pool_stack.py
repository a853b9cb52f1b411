"""Pooling and stacking in the browser: its own arithmetic against PyTorch, and the main gestures."""

import re

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from explainer.playground.layer_code import read_chain, read_layer
from explainer.playground.pooling import pool, shifted
from explainer.playground.stacking import stack
from explainer.render.pooling import frame
from explainer.render.stacking import frame as stack_frame

pytestmark = pytest.mark.e2e

SOON = 30_000
"""Milliseconds within which a page has come up, PyTorch loaded."""

POOLED = """async ([url, layer, values, height, width, shift]) => {
  const { pooled, shifted } = await import(url);
  const [rows, columns] = [layer.rows, layer.columns].map((pairs) => Int32Array.from(pairs.flat()));
  const ready = { ...layer, rows, columns };
  const grid = { values: Float32Array.from(values), height, width };
  return [...pooled(ready, shifted(grid, ...shift)).values];
}"""
WAYS = """async ([url, steps, sizes, y, x]) => {
  const { ways } = await import(url);
  const ready = steps.map((one) => ({ ...one, windows: one.windows.map((w) => Int32Array.from(w.flat())) }));
  const last = steps.length - 1;
  return [[...ways(ready, sizes, last, y, 0)], [...ways(ready, sizes, last, x, 1)]];
}"""


@pytest.mark.parametrize(
    "code",
    [
        "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
        "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)",
        "nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)",
        "nn.MaxPool2d((2, 3), stride=(1, 2), dilation=2)",
        "nn.AvgPool2d(2, divisor_override=3)",
        "nn.AdaptiveAvgPool2d((2, 3))",
    ],
)
def test_the_browser_pools_as_pytorch(file_server, open_page, code):
    spec, shift = read_layer(code), (1, -2)
    values = torch.rand(8, 9, generator=torch.Generator().manual_seed(4))
    sent = frame(spec, values, shift, kind="cells", serial=0)["layer"]
    sent |= {name: sent[name].tolist() for name in ("rows", "columns")}
    page = open_page(f"{file_server}/tests/js/")
    url = f"{file_server}/explainer/components/pool_view/pool.js"
    found = page.evaluate(POOLED, [url, sent, values.flatten().tolist(), 8, 9, list(shift)])
    torch.testing.assert_close(torch.tensor(found), pool(spec, shifted(values, *shift)).flatten())


def test_ways_in_the_browser_are_pytorchs_gradients(file_server, open_page):
    """With every weight 1 the gradient of a unit counts the ways that lead to it."""
    code = "Conv2d(1,1,3,padding=2,dilation=2);AvgPool2d(3,stride=2,padding=1);Conv2d(1,1,(3,5),padding=1)"
    found = stack(read_chain(code), 32)
    steps = stack_frame(found, _grey())["steps"]
    for one in steps:
        one["windows"] = [side.tolist() for side in one["windows"]]
        one["field"] = None
    sizes = [32, *(step.shape[1] for step in found.steps)]
    image = torch.zeros(1, 1, 32, 32, requires_grad=True)
    value = F.conv2d(image, torch.ones(1, 1, 3, 3), padding=2, dilation=2)
    value = F.avg_pool2d(value, 3, 2, 1, divisor_override=1)
    value = F.conv2d(value, torch.ones(1, 1, 3, 5), padding=1)
    assert tuple(value.shape[1:]) == found.steps[-1].shape
    page = open_page(f"{file_server}/tests/js/")
    url = f"{file_server}/explainer/components/stack_view/reach.js"
    for y, x in ((0, 0), (7, 6), (value.shape[2] - 1, 3)):
        image.grad = None
        value[0, 0, y, x].backward(retain_graph=True)
        rows, columns = page.evaluate(WAYS, [url, steps, sizes, y, x])
        assert torch.equal(torch.outer(torch.tensor(rows), torch.tensor(columns)), image.grad[0, 0])


def _grey():
    from PIL import Image

    return Image.new("RGB", (40, 40), "grey")


def test_pooling_is_pointed_at_moved_and_painted(app_server, open_page):
    page = open_page(app_server("playground?part=pooling&layer=nn.MaxPool2d(2)"))
    panes, said = page.locator(".pool-pane canvas"), page.locator(".pool-said")
    panes.nth(1).hover(position={"x": 20, "y": 20})
    expect(said).to_contain_text("= max(0, 0, 0, 3)")
    expect(said).to_contain_text("row 1, column 1")
    page.get_by_role("button", name="Move the picture right").click()
    expect(page.locator(".pool-amount")).to_have_text("2 px right")
    expect(page).to_have_url(re.compile("dx=2"))
    expect(page.get_by_text("Pooling is equivariant to such moves")).to_be_visible()
    panes.nth(0).click(position={"x": 8, "y": 8})
    expect(page).to_have_url(re.compile("cells="))
    panes.nth(1).hover(position={"x": 20, "y": 20})
    expect(said).to_contain_text("= max(9, 0, 0, 3)")
    panes.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("5")
    expect(said).to_contain_text("5")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".pool-amount")).to_have_text("2 px right, 1 px down")


def test_a_chain_is_read_changed_and_looked_through(app_server, open_page):
    page = open_page(app_server("playground?part=stack&chain=Conv2d(3,8,3);ReLU();Conv2d(8,8,3,dilation=2)"))
    rows, said = page.locator(".stack-list li"), page.locator(".stack-said")
    expect(rows).to_have_count(4, timeout=SOON)
    expect(rows.nth(3)).to_contain_text("sees 7 × 7")
    expect(said).to_contain_text("sees 7 × 7 pixels")
    rows.nth(1).locator(".stack-row").click()
    expect(said).to_contain_text("Layer 1, row 15, column 15 sees 3 × 3 pixels")
    page.locator(".stack-planes canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("column 14")
    page.get_by_role("button", name="Remove layer 2").click()
    expect(rows).to_have_count(3)
    code = page.get_by_role("textbox", name="The same chain as code")
    code.fill("nn.Conv2d(3, 8, 5)\nnn.MaxPool2d(2)")
    code.press("Control+Enter")
    expect(rows.nth(2)).to_contain_text("sees 6 × 6")
    code.fill("nn.Conv2d(3, 8, 5, strid=2)")
    code.press("Control+Enter")
    expect(page.get_by_text("has no argument “strid” (column 20)")).to_be_visible()


@pytest.mark.parametrize("part", ["pooling", "stack"])
def test_nothing_is_wider_than_a_narrow_screen(app_server, open_page, part):
    page = open_page(app_server(f"playground?part={part}&lang=ja"), width=420, theme="dark")
    expect(page.locator(".pool-said, .stack-said").first).to_be_visible(timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
