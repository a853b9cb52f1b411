"""YOLO step by step in the browser: chosen cells, their numbers, the threshold, a box's origin, the link."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from explainer.detection import load_detector
from explainer.detection.yolox_detector import YoloStages
from explainer.samples import sample

pytestmark = pytest.mark.e2e

SOON = 60_000
"""Milliseconds within which a page has come up, PyTorch loaded."""
ADDRESS = "detection?part=yolo"

DECODED = """async ([url, raw, places, strides]) => {
  const { decode, sigmoid } = await import(url);
  return raw.map((row, i) => [
    ...decode(row, { column: places[i][0], row: places[i][1], stride: strides[i] }).box,
    sigmoid(row[4]) * sigmoid(Math.max(...row.slice(5))),
  ]);
}"""
RANKED = """async ([url, scores, threshold]) => {
  const { ranked, remaining } = await import(url);
  const values = Float32Array.from(scores);
  const order = ranked(values);
  return [...order.subarray(0, remaining(order, values, threshold))];
}"""


@pytest.fixture(scope="module")
def detector():
    return load_detector("faces_yolox_nano")


@pytest.fixture(scope="module")
def stages(detector) -> YoloStages:
    photo = np.asarray(sample("astronaut").load().convert("RGB"))
    return detector.stages(photo, score=0.25, iou=0.45)


def words(stages: YoloStages, cell: int) -> str:
    column, row = (int(one) for one in stages.places[cell])
    return f"stride {int(stages.strides[cell])}, column {column}, row {row}"


def link(stages: YoloStages, cell: int) -> str:
    column, row = (int(one) for one in stages.places[cell])
    return f"{int(stages.strides[cell])},{column},{row}"


def numbers(page: Page) -> dict[str, float]:
    """What each formula comes to, by name."""
    names = page.locator(".yolo-lines dt").all_inner_texts()
    results = page.locator(".yolo-lines dd b").all_inner_texts()
    return {
        name: float(one.replace("−", "-")) for name, one in zip(names, results, strict=True) if "," not in one
    }


def test_the_browser_decodes_and_sorts_as_pytorch(file_server, open_page, stages):
    page = open_page(f"{file_server}/tests/js/")
    url = f"{file_server}/explainer/components/yolo_view/maths.js"
    some = torch.cat((stages.candidates, torch.arange(0, len(stages.scores), 97)))
    given = [stages.raw[some].tolist(), stages.places[some].tolist(), stages.strides[some, 0].tolist()]
    found = torch.tensor(page.evaluate(DECODED, [url, *given]))
    torch.testing.assert_close(found[:, :4], stages.boxes[some], rtol=1e-5, atol=1e-3)
    torch.testing.assert_close(found[:, 4], stages.scores[some], rtol=1e-5, atol=1e-9)
    assert page.evaluate(RANKED, [url, stages.scores.tolist(), 0.25]) == stages.candidates.tolist()


def test_a_cell_is_chosen_and_its_numbers_are_pytorchs(app_server, open_page, stages):
    page = open_page(app_server(ADDRESS))
    panes = page.locator(".yolo-three canvas")
    expect(panes).to_have_count(3, timeout=SOON)
    beside = "canvas => canvas.offsetWidth <= canvas.closest('.yolo-three').clientWidth / 3"
    while not panes.nth(1).evaluate(beside):  # the style sheet puts the three beside each other
        page.wait_for_timeout(100)
    side = stages.canvas.shape[-1]
    size = panes.nth(1).bounding_box()["width"]
    column, row = 12, 9
    spot = {"x": (column + 0.3) * 16 * size / side, "y": (row + 0.3) * 16 * size / side}
    panes.nth(0).hover(position=spot)
    values = page.locator(".yolo-three .yolo-value")
    expect(values.nth(0)).to_contain_text("column 24, row 18")
    expect(values.nth(1)).to_contain_text("column 12, row 9")
    expect(values.nth(2)).to_contain_text("column 6, row 4")
    panes.nth(1).click(position=spot)
    expect(page.locator(".yolo-said").first).to_contain_text("stride 16, column 12, row 9")
    expect(page).to_have_url(re.compile(r"cell=16(%2C|,)12(%2C|,)9"))
    page.keyboard.press("Tab")
    panes.nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".yolo-cell .yolo-pane figcaption")).to_contain_text("column 13, row 8")
    page.get_by_label("All digits").check()
    cell = (side // 8) ** 2 + 8 * (side // 16) + 13
    left, top, right, bottom = stages.boxes[cell].tolist()
    found = numbers(page)
    for name, value in {
        "cx": (left + right) / 2, "cy": (top + bottom) / 2, "w": right - left, "h": bottom - top,
        "objectness": float(stages.objectness[cell]), "score": float(stages.scores[cell]),
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(value, rel=1e-4), name
    raw = page.locator(".yolo-bar .yolo-number").all_inner_texts()
    assert [float(one.replace("−", "-")) for one in raw] == pytest.approx(stages.raw[cell].tolist(), rel=1e-6)


def test_the_threshold_is_moved_and_the_link_restores_everything(app_server, open_page, detector, stages):
    page = open_page(app_server(f"{ADDRESS}&step=threshold"))
    count, strip = page.locator(".yolo-count"), page.locator(".yolo-strip")
    expect(count).to_contain_text(f"{len(stages.candidates)} of {len(stages.scores):,}", timeout=SOON)
    strip.focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile("score=0.26"))
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("score=0.35"))
    expect(count).to_contain_text(f"{int((stages.scores >= 0.35).sum())} of {len(stages.scores):,}")
    page.get_by_role("tab", name="Three grids").click()
    page.get_by_role("radio", name="Score").click()
    expect(page).to_have_url(re.compile("show=score"))
    pane = page.locator(".yolo-three canvas").nth(2)
    pane.click(position={"x": 5, "y": 5})
    expect(page).to_have_url(re.compile(r"cell=32(%2C|,)0(%2C|,)0"))
    again = open_page(page.url)
    expect(again.get_by_role("radio", name="Score")).to_have_attribute("aria-checked", "true", timeout=SOON)
    expect(again.locator(".yolo-said").first).to_contain_text("stride 32, column 0, row 0")
    again.get_by_role("tab", name="Threshold").click()
    expect(again.locator(".yolo-count")).to_contain_text("reach 0.35")


def test_where_a_box_came_from(app_server, open_page, stages):
    page = open_page(app_server(f"{ADDRESS}&step=result"))
    final = int(stages.kept[0])
    rows = page.locator(".yolo-table tbody tr")
    expect(rows).to_have_count(len(stages.kept), timeout=SOON)
    box = rows.nth(0).locator("td").nth(3).inner_text()
    found = [float(one) for one in box.split(", ")]
    assert found == pytest.approx(stages.result.boxes[0].tolist(), abs=0.051)
    page.get_by_role("button", name="Where did it come from?").click()
    pane = page.locator(".yolo-three .yolo-pane").first
    expect(pane.locator("figcaption")).to_contain_text(words(stages, final))
    gone = [int(stages.candidates[one]) for one in stages.rounds[0].suppressed]
    rows = page.locator(".yolo-table tbody tr", has_text="suppressed")
    expect(rows).to_have_count(min(10, len(gone)))
    for i, cell in enumerate(gone[:10]):
        expect(rows.nth(i)).to_contain_text(words(stages, cell))
    expect(page.locator(".yolo-step > div > .yolo-said")).to_contain_text("lies inside the box", timeout=SOON)
    layer = page.locator(".yolo-list", has_text="Layer").locator("select")
    layer.select_option("backbone.C3_p4")
    page.get_by_role("radio", name="HiResCAM").click()
    expect(page.locator(".yolo-step")).to_have_attribute("aria-busy", "false", timeout=SOON)
    expect(page).to_have_url(re.compile("layer=backbone.C3_p4"))
    heat, across = page.locator(".yolo-three .yolo-pane").nth(2), stages.canvas.shape[-1] // 16
    expect(heat.locator("figcaption")).to_contain_text(f"HiResCAM{across} × {across}")
    rows.nth(0).get_by_role("button").click()
    expect(page).to_have_url(re.compile(re.escape(f"cell={link(stages, gone[0])}").replace(",", "(%2C|,)")))
    expect(page.get_by_role("tab", name="One cell")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Suppression").click()
    expect(page.locator(".yolo-said").first).to_contain_text(words(stages, final))
