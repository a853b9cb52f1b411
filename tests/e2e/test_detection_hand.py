"""The board of boxes in the browser: its numbers are torchvision's, its gestures, its rounds, its link."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from playwright.sync_api import Page, expect
from torchvision import ops

from explainer.render.box_board import METHODS, Placed, Setting, check, read_boxes, tensors

pytestmark = pytest.mark.e2e
expect.set_options(timeout=30_000)  # a busy machine

SOON = 120_000
"""Milliseconds within which a page has come up, PyTorch loaded."""
COMPUTED = """async ([folder, cases]) => {
  const { overlap } = await import(`${folder}/overlap.js`);
  const { rounds } = await import(`${folder}/suppression.js`);
  return cases.map(({ boxes, setting }) => {
    const found = rounds(boxes, setting);
    const pairs = boxes.slice(1).map((one, i) => overlap(boxes[i].box, one.box));
    return {
      kept: found.map((one) => one.keeper),
      scores: found.map((one) => one.before[one.keeper]),
      values: pairs.map(({ iou, giou, diou }) => [iou, giou, diou]),
    };
  });
}"""


def crowd(seed: int) -> list[Placed]:
    """Return boxes in whole numbers, as on the board, some scores equal."""
    draw = torch.Generator().manual_seed(seed)

    def number(low: int, high: int) -> int:
        return int(torch.randint(low, high, (1,), generator=draw))

    placed = []
    for _ in range(number(2, 40)):
        left, top = number(0, 60), number(0, 40)
        box = (left, top, left + number(4, 40), top + number(4, 40))
        placed.append(Placed(box, number(1, 1000 if seed % 2 else 8) / 1000, number(0, 3)))
    return placed


def test_the_browser_computes_what_torchvision_does(file_server, open_page):
    cases = []
    for seed in range(150):
        thresholds = (0.1, 0.25, 0.5, 0.75, 0.33)
        setting = Setting(
            METHODS[seed % 3], thresholds[seed % 5], 0.3, 0.05 if seed % 3 else 0.3, seed % 4 > 1
        )
        cases.append((crowd(seed), setting))
    sent = [
        {
            "boxes": [{"box": one.box, "score": one.score, "label": one.label} for one in boxes],
            "setting": vars(setting),
        }
        for boxes, setting in cases
    ]
    page = open_page(f"{file_server}/tests/js/")
    found = page.evaluate(COMPUTED, [f"{file_server}/explainer/components/box_board", sent])
    for (boxes, setting), got in zip(cases, found, strict=True):
        wanted = check(boxes, setting)
        assert got["kept"] == wanted["kept"], setting
        assert got["scores"] == pytest.approx(wanted["scores"], abs=1e-9)
        corners = tensors(boxes)[0].double()
        values = torch.tensor(got["values"]).double()
        for column, measure in enumerate((ops.box_iou, ops.generalized_box_iou, ops.distance_box_iou)):
            pairs = measure(corners, corners).diagonal(1)
            torch.testing.assert_close(values[:, column], pairs, rtol=0, atol=1e-6)


def opened(open_page, app_server, link: str = "", **options) -> Page:
    page = open_page(app_server(f"detection?part=hand&lang=en&{link}"), **options)
    expect(page.locator(".bb-svg")).to_be_visible(timeout=SOON)
    return page


def parameter(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def box_of(page: Page, index: int) -> dict:
    found = page.locator(f'.bb-box[data-index="{index}"] .bb-rect').bounding_box()
    assert found
    return found


def test_dragging_and_keys_change_boxes_and_the_link_restores_them(open_page, app_server):
    page = opened(open_page, app_server)
    card = page.locator('.bb-card[data-metric="iou"] .bb-card-value')
    expect(card).to_have_text("0.3333")

    # A dragged box: what is shown is torchvision's number for the boxes in the link.
    start = box_of(page, 0)
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 35, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"boxes=\d+\.\d+"), timeout=SOON)
    corners, *_ = tensors(read_boxes(parameter(page, "boxes"), 480, 320) or ())
    assert corners[0].tolist() != [130, 50, 290, 210]
    assert (corners[0, 2:] - corners[0, :2]).tolist() == [160, 160]  # moved, not resized
    expect(card).to_have_text(f"{ops.box_iou(corners, corners)[0, 1].item():.4f}")

    # Keys: the box has the focus. An arrow moves it, Shift and an arrow resize it.
    before = parameter(page, "boxes")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator('.bb-field input[data-side="h"]')).to_have_value("161")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator('.bb-field input[data-side="h"]')).to_have_value("160")
    expect(page).to_have_url(re.compile(re.escape(before)), timeout=SOON)

    # A third box is drawn on an empty place, and deleted again by its key.
    board = page.locator(".bb-svg").bounding_box()
    assert board
    page.mouse.move(board["x"] + 15, board["y"] + 15)
    page.mouse.down()
    page.mouse.move(board["x"] + 75, board["y"] + 65, steps=4)
    page.mouse.up()
    expect(page.locator(".bb-box")).to_have_count(3)
    page.keyboard.press("Delete")
    expect(page.locator(".bb-box")).to_have_count(2)
    page.locator('.bb-card[data-metric="giou"]').click()
    expect(page.locator(".bb-enclosing")).to_have_count(1)
    expect(page).to_have_url(re.compile("metric=giou"), timeout=SOON)

    again = opened(open_page, app_server, urlsplit(page.url).query)
    expect(again.locator('.bb-card[data-metric="iou"] .bb-card-value')).to_have_text(card.inner_text())
    expect(again.locator('.bb-card[data-metric="giou"]')).to_have_attribute("aria-checked", "true")


def test_rounds_are_stepped_through_to_torchvisions_result(open_page, app_server):
    page = opened(open_page, app_server, "boxes=crowd&iou=0.55")
    kept = check(read_boxes(_crowd(), 480, 320) or (), Setting(iou=0.55))["kept"]
    expect(page.locator(".bb-checked")).to_have_text("Checked: torchvision.ops keeps the same boxes.")
    for number, keeper in enumerate(kept, 1):
        page.get_by_role("button", name="Next round").click()
        expect(page.locator(".player output")).to_have_text(f"Round {number} of {len(kept)}")
        expect(page.locator('.bb-box[data-state="keeper"]')).to_have_attribute("data-index", str(keeper))
    expect(page.locator(".bb-reason-gone")).to_have_count(0)  # the last one has nobody left to suppress
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Next round").click()
    page.get_by_role("button", name="Next round").click()
    expect(page.locator(".bb-headline")).to_contain_text(f"{len(kept)} of 11 boxes")
    expect(page.locator('.bb-box[data-state="kept"]')).to_have_count(len(kept))
    expect(page).to_have_url(re.compile(f"step={len(kept) + 1}"), timeout=SOON)

    # Another method: two people and the bicycle.
    page.get_by_role("radio", name="Soft, Gaussian").click()
    page.locator(".player input").focus()
    page.keyboard.press("End")
    expect(page.locator(".bb-headline")).to_contain_text("A 0.94, H 0.91, B 0.49")
    expect(page.locator(".bb-checked")).to_have_text(
        "Checked: PyTorch comes to the same scores.", timeout=SOON
    )
    assert parameter(page, "method") == "gaussian"


def test_a_finger_draws_where_a_new_box_was_asked_for(open_page, app_server):
    page = opened(open_page, app_server, "boxes=none", width=420, theme="dark", has_touch=True)
    expect(page.locator(".bb-none")).to_be_visible()
    page.get_by_role("button", name="New box").focus()
    page.keyboard.press("Enter")  # by a key it is placed at once
    expect(page.locator(".bb-box")).to_have_count(1)
    page.get_by_role("button", name="New box").click()
    expect(page.locator(".bb-board")).to_have_attribute("data-armed", "true")
    board = page.locator(".bb-svg").bounding_box()
    assert board
    assert board["width"] <= 420
    page.mouse.move(board["x"] + 20, board["y"] + 20)
    page.mouse.down()
    page.mouse.move(board["x"] + 160, board["y"] + 120, steps=4)
    page.mouse.up()
    expect(page.locator(".bb-box")).to_have_count(2)
    expect(page.locator('.bb-card[data-metric="iou"]')).to_be_visible()


def _crowd() -> str:
    from explainer.render.box_board import SITUATIONS, write_boxes

    return write_boxes(next(one for one in SITUATIONS if one.key == "crowd").boxes)
