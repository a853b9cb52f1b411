"""A frame that never reached the browser: Streamlit drops what it has not sent when the next run begins."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

MAP = """
from explainer.components.asking import asked
from explainer.components.network_map import network_map
from explainer.render.wire import pack
from explainer.samples import sample
from explainer.ui import map_page
from explainer.ui.opened import open_image

opened = open_image("tiny_vgg", "default", "coffee", sample("coffee").load())
lost = asked("map").get("trace", opened.key) == opened.key
messages = [] if lost else map_page._opening(opened, "en")["messages"]
network_map(pack({"messages": messages}), key="map")
"""

WALL = """
from explainer.components.asking import asked
from explainer.components.channel_wall import channel_wall
from explainer.render.channel_wall import opening
from explainer.render.wire import pack
from explainer.samples import sample
from explainer.ui.opened import open_image

opened = open_image("tiny_vgg", "default", "coffee", sample("coffee").load())
frame = {"messages": [], "identity": "now"}
if asked("wall").get("identity", "now") != "now":
    frame["messages"].append(opening(opened.trace["conv_1_1"], None, logits=opened.logits))
    frame |= {"text": {}, "class": ""}
channel_wall(pack(frame), key="wall")
"""


def test_the_map_asks_for_the_network_that_it_never_got(serve, open_page):
    page = open_page(serve(MAP)())
    expect(page.locator(".cs-frame").get_by_role("radiogroup", name="Colour scale")).to_be_visible()


def test_a_wall_asks_for_the_layer_that_it_never_got(serve, open_page):
    page = open_page(serve(WALL)())
    expect(page.locator(".wall-tools").get_by_role("radiogroup").first).to_be_visible()
