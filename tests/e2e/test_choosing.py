"""The gallery and the drawing pad, in a little app of their own."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

SCRIPT = """
import numpy as np
import streamlit as st
from PIL import Image
from explainer.components.drawing_pad import drawing_pad
from explainer.components.gallery import gallery

state = st.session_state
state.setdefault("colour", "green")
state.runs = state.get("runs", 0) + 1
names = ["red", "green", "blue", "orange", "purple", "teal", "navy", "olive", "brown", "pink"]
items = [(name, name.title(), Image.new("RGB", (300, 200), name)) for name in names]
chosen = gallery(items, state.colour, key="gallery", label="Colours",
                 on_choose=lambda name: state.update(colour=name))
if st.button("Nothing"):
    state.colour = None
    st.rerun()
drawing = drawing_pad(key="pad", texts={"Clear": "消す"})
pixels = np.asarray(drawing if drawing else Image.new("L", (56, 56)))
rows, columns = np.nonzero(pixels > 127)
box = f"{columns.min()}-{columns.max()} {rows.min()}-{rows.max()}" if len(rows) else "none"
st.text(f"chosen {chosen}; box {box}; drawn {drawing is not None}; runs {state.runs}")
"""


@pytest.fixture
def page(serve, open_page):
    page = open_page(serve(SCRIPT).url, width=700)
    expect(page.locator("canvas")).to_be_visible()
    page.evaluate("document.fonts.ready")
    return page


def shown(page, text: str) -> None:
    expect(page.get_by_test_id("stText")).to_contain_text(text)


def test_the_gallery_is_chosen_from_with_pointer_and_keys(page):
    group = page.get_by_role("radiogroup", name="Colours")
    chosen = group.locator('[aria-checked="true"]')
    expect(chosen).to_have_text("Green")
    group.get_by_role("radio", name="Blue").click()
    shown(page, "chosen blue;")
    page.keyboard.press("ArrowRight")
    shown(page, "chosen orange;")
    expect(group.get_by_role("radio", name="Orange")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    shown(page, "chosen pink;")
    expect(chosen).to_have_text("Pink")
    expect(chosen).to_be_in_viewport()
    page.get_by_role("button", name="Nothing").click()
    shown(page, "chosen None;")
    expect(chosen).to_have_count(0)
    group.get_by_role("radio", name="Pink").click()
    shown(page, "chosen pink;")


def test_the_script_follows_a_line_and_ends_with_the_whole_of_it(page):
    shown(page, "drawn False")
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()

    def move(x: int, y: int) -> None:
        page.mouse.move(area["x"] + x, area["y"] + y)

    move(60, 50)
    page.mouse.down()
    for step in range(60):
        move(60 + 2 * step, 50)
        page.wait_for_timeout(25)
    for step in range(400):  # to and fro in its end, as long as a busy machine may need to follow
        follows = int(re.search(r"runs (\d+)", page.get_by_test_id("stText").inner_text())[1])
        if follows > 3:
            break
        move(178 - 2 * (step % 2), 50)
        page.wait_for_timeout(50)
    page.mouse.up()
    # From x = 60 to 178 at y = 50, a brush of 22 pixels, on a pad of 280 sent as 56.
    shown(page, "box 10-37 8-11; drawn True")
    assert follows > 3

    move(150, 200)
    page.mouse.down()
    page.mouse.up()
    shown(page, "box 10-37 8-41;")
    page.get_by_role("button", name="Undo").click()
    shown(page, "box 10-37 8-11;")
    page.get_by_role("button", name="消す").click()
    shown(page, "drawn False")
    expect(page.get_by_role("button", name="消す")).to_be_disabled()


def test_the_pad_is_cleared_with_the_keyboard(page):
    canvas = page.get_by_role("img", name=re.compile("Pad for drawing"))
    canvas.click(position={"x": 140, "y": 140})
    shown(page, "drawn True")
    canvas.press("Delete")
    shown(page, "drawn False")
