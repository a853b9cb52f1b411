"""What every page has in common, in a real browser: language, theme, linked modules."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

PAGE = """
import streamlit as st
from explainer.ui import page

page.PAGES = (
    page.Page("network", "script.py", "Network", "Look inside", ":material/hub:"),
    page.Page("other", "pages/other.py", "Language", "Look inside", ":material/hub:"),
)
page.begin_page("{key}")
st.slider("Place", 0, 9, 3, key="place")
st.button("press", on_click=lambda: st.session_state.update(place=7))
"""

LINKED = """
from pathlib import Path
import streamlit as st
from explainer.components.modules import link

part = st.components.v2.component("test.linked", html="<p id='out'></p>", js=link(Path({folder!r})))
part(data={{"text": "hello"}}, key="part")
"""


@pytest.fixture(scope="module")
def house(serve):
    """An app of two pages that nobody has visited yet when the first test begins."""
    return serve(PAGE.format(key="network"), other=PAGE.format(key="other"))


def test_a_deep_link_on_a_fresh_server_and_the_navigation_keep_the_language(house, open_page):
    page = open_page(house("other?lang=ja"))
    heading = page.locator("h1 span")
    expect(heading).to_have_text("言語")
    page.locator(".st-key-navigation").get_by_role("link", name="ネットワーク").click()
    expect(heading).to_have_text("ネットワーク")
    expect(page).to_have_url(house("?lang=ja"))
    page.locator(".st-key-navigation").get_by_role("link", name="言語").click()
    expect(heading).to_have_text("言語")
    expect(page).to_have_url(house("other?lang=ja"))


def test_modules_are_linked_in_the_running_house(tmp_path, serve, open_page):
    folder = tmp_path / "part"
    folder.mkdir()
    (folder / "main.js").write_text(
        'import shout, { mark } from "./shout.js";\n'
        "export default function ({ data, parentElement }) {\n"
        '  parentElement.querySelector("#out").textContent = shout(data.text) + mark;\n}\n'
    )
    (folder / "shout.js").write_text(
        'export { mark } from "./mark.js";\n'
        'const quote = `"convscope:${1}" </script> \\u3042`;\n'
        "export default (text) => text.toUpperCase() + quote.length;\n"
    )
    (folder / "mark.js").write_text('await null;\nexport const mark = "!";\n')
    page = open_page(serve(LINKED.format(folder=str(folder))).url)
    expect(page.locator("#out")).to_have_text("HELLO25!")


def test_language_follows_the_browser_then_the_link_then_the_switch(house, open_page):
    english = open_page(house.url)
    expect(english.locator("h1 span")).to_have_text("Network")

    japanese = open_page(house.url, locale="ja-JP")
    heading = japanese.locator("h1 span")
    expect(heading).to_have_text("ネットワーク")
    assert "lang=" not in japanese.url
    expect(japanese.locator("html")).to_have_attribute("lang", "ja")

    linked = open_page(house("?lang=ja"))
    heading = linked.locator("h1 span")
    expect(heading).to_have_text("ネットワーク")
    linked.get_by_role("button", name="press").click()
    expect(linked.get_by_test_id("stSliderThumbValue")).to_have_text("7")
    linked.get_by_role("radio", name="English").click()
    expect(heading).to_have_text("Network")
    expect(linked).to_have_url(re.compile("lang=en"))
    expect(linked.get_by_test_id("stSliderThumbValue")).to_have_text("7")
    linked.go_back()
    expect(heading).to_have_text("ネットワーク")

    unknown = open_page(house("?lang=xx"))
    expect(unknown.locator("h1 span")).to_have_text("Network")
    expect(unknown).not_to_have_url(re.compile("lang="))


@pytest.mark.parametrize(("theme", "background"), [("light", (255, 255, 255)), ("dark", (20, 23, 26))])
def test_theme_follows_the_browser(theme, background, house, open_page):
    page = open_page(house.url, theme=theme)
    expect(page.locator("h1 span")).to_be_visible()
    colour = page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
    assert colour == f"rgb{background}"


def test_a_narrow_screen_does_not_scroll_sideways(house, open_page):
    page = open_page(house.url, width=420)
    expect(page.locator("h1 span")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_place_goes_along_to_other_pages_and_back(app_server, open_page):
    page = open_page(app_server("?image=coffee"))
    frame = page.locator(".cs-frame")
    expect(frame).to_have_attribute("data-trace", re.compile("^tiny_vgg"), timeout=60_000)
    board = frame.get_by_role("application")
    board.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("at=conv_1_1"))
    page.locator(".st-key-navigation").get_by_role("link", name="Layers & kernels").click()
    expect(page).to_have_url(re.compile(r"/layers\?.*at=conv_1_1"))
    expect(page.get_by_role("combobox", name=re.compile("Layer"))).to_be_visible()
    page.locator(".st-key-navigation").get_by_role("link", name="Network").click()
    expect(page).to_have_url(re.compile("at=conv_1_1"))
    expect(page.locator(".cs-panel")).to_be_visible()
