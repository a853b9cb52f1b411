"""A Grad-CAM taken apart, in a browser: the numbers under the pointer are the tensor's."""

import re

import pytest
from playwright.sync_api import expect

from explainer.attribution import grad_cam_parts
from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import trace

pytestmark = pytest.mark.e2e

LAYER, CLASS = "layer3.2.relu:2", 3
SCRIPT = f"""
from types import SimpleNamespace
import streamlit as st
st.set_page_config(layout="wide")
from explainer.render.snippet import Origin
from explainer.samples import sample
from explainer.ui.opened import network, open_image
from explainer.ui.why.arithmetic_section import draw
network("resnet20", "default")
opened = open_image("resnet20", "default", "chelsea", sample("chelsea").load())
origin = Origin("resnet20", "default", 'sample("chelsea").load()', ("from explainer.samples import sample",))
name = opened.loaded.classes.__getitem__
subject = SimpleNamespace(opened=opened, trace=opened.trace, origin=origin, class_name=name)
draw(subject, "{LAYER}", {CLASS})
"""


@pytest.fixture(scope="module")
def app(serve):
    return serve(SCRIPT)


@pytest.fixture(scope="module")
def parts():
    loaded = load_model("resnet20")
    recorded = trace(loaded.model, loaded.preprocessing.apply(sample("chelsea").load()))
    return grad_cam_parts(recorded, recorded[LAYER], recorded.nodes[-1], CLASS)


@pytest.fixture
def open_view(app, open_page):
    """Open the view; the first visitor waits for PyTorch."""

    def start(query="", **options):
        page = open_page(app.url + query, **options)
        page.locator(".cs-terms").wait_for()
        return page

    return start


def number(text):
    return float(text.replace("−", "-"))


def at(page, canvas, y, x, height=8, width=8):
    box = canvas.bounding_box()
    return box["x"] + (x + 0.5) * box["width"] / width, box["y"] + (y + 0.5) * box["height"] / height


def test_the_place_under_the_pointer_is_added_up(parts, open_view):
    page = open_view()
    total = page.locator(".cs-sum .cs-number")
    best = divmod(int(parts.total.argmax()), 8)
    expect(page.locator(".cs-equation")).to_contain_text(f"row {best[0]}, column {best[1]}:")
    for y, x, where in ((2, 6, ".cs-sum"), (5, 1, ".cs-relu"), (7, 4, ".cs-row:nth-child(3) .cs-cell")):
        page.mouse.move(*at(page, page.locator(f"{where} canvas").first, y, x))
        expect(page.locator(".cs-equation")).to_contain_text(f"row {y}, column {x}:")
        assert number(total.inner_text()) == pytest.approx(float(parts.total[y, x]), rel=1e-3, abs=1e-6)
        terms = parts.terms(y, x)[parts.order]
        for row in range(6):
            shown = page.locator(".cs-list .cs-row").nth(row).locator(".cs-number")
            channel = int(parts.order[row])
            assert number(shown.nth(0).inner_text()) == pytest.approx(
                float(parts.activation[channel, y, x]), rel=6e-3
            )
            assert number(shown.nth(1).inner_text()) == pytest.approx(float(terms[row]), rel=6e-3, abs=1e-9)
        others = page.locator(".cs-others .cs-number")
        assert number(others.inner_text()) == pytest.approx(float(terms[6:].sum()), rel=6e-3, abs=1e-6)
        error = re.search(r"differs by (\S+)\.", page.locator(".cs-check").inner_text())
        assert number(error[1]) < 1e-6
    relu = number(page.locator(".cs-relu .cs-number").inner_text())
    assert relu == pytest.approx(max(0.0, float(parts.total[7, 4])), rel=1e-3, abs=1e-6)


def test_keys_hold_and_release_the_place(parts, open_view):
    page = open_view()
    stage, equation = page.locator(".cs-stage"), page.locator(".cs-equation")
    y, x = divmod(int(parts.total.argmax()), 8)
    expect(equation).to_contain_text(f"row {y}, column {x}:")
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(equation).to_contain_text(f"row {min(7, y + 1)}, column {max(0, x - 1)}:")
    page.mouse.move(*at(page, page.locator(".cs-sum canvas").first, 0, 0))
    expect(equation).to_contain_text(f"row {min(7, y + 1)}, column {max(0, x - 1)}:")
    page.keyboard.press("Escape")
    expect(equation).to_contain_text(f"row {y}, column {x}:")
    expect(page.locator(".cs-sum canvas").first).to_have_attribute(
        "aria-label", re.compile(f"row {y}, column {x}")
    )


def test_more_rows_and_what_is_pointed_at(parts, open_view):
    page = open_view()
    rows = page.locator(".cs-list .cs-row")
    expect(rows).to_have_count(7)
    page.get_by_role("button", name="Show 10 more").click()
    expect(rows).to_have_count(17)
    expect(rows.nth(16)).to_contain_text("all 48 others")
    named = [
        int(name.split()[-1]) for name in page.locator(".cs-list .cs-row .cs-name").all_inner_texts()[:16]
    ]
    assert named == parts.order[:16].tolist()
    rows.nth(0).hover()
    expect(page.locator(".cs-flow .cs-flowing")).to_have_count(1)
    product = page.locator(".cs-equation [data-row]").first
    product.hover()
    expect(rows.nth(int(product.get_attribute("data-row")))).to_have_class(re.compile("cs-chosen"))
    while page.get_by_role("button", name="Show fewer").count() == 0:
        page.locator(".cs-more").click()
    expect(rows).to_have_count(64)


def test_a_narrow_dark_japanese_page(open_view):
    page = open_view("?lang=ja", width=420, theme="dark", locale="ja-JP")
    expect(page.locator(".cs-list .cs-row").first).to_contain_text("チャ")
    assert page.locator(".cam-sum").evaluate("(root) => root.scrollWidth <= root.clientWidth")
