"""The overview of the Architectures page without a browser."""

import page_parts
import pytest
from page_parts import frame_with
from streamlit.testing.v1 import AppTest

from explainer.models.architectures import ARCHITECTURES


def visit(**link: str) -> AppTest:
    return page_parts.visit("architectures", "table", **link)


def board(page: AppTest) -> dict:
    return frame_with(page, "networks")


def test_all_landmarks_are_on_the_board_and_nothing_is_said_to_be_measured():
    sent = board(visit())
    assert [one["key"] for one in sent["networks"]] == [one.key for one in ARCHITECTURES]
    assert sent["timings"] == {}
    assert sent["view"] == {}


def test_the_link_says_how_it_is_shown():
    sent = board(visit(open="vgg16", sort="top1", down="1", x="bogus"))
    assert sent["view"] == {"open": "vgg16", "sort": "top1", "down": True}


@pytest.mark.parametrize("odd", [{"open": "'\""}, {"seed": "x"}, {"sort": "9" * 5000}, {"view": "nothing"}])
def test_odd_links_show_the_board_as_at_first(odd):
    assert board(visit(**odd))["view"] == {}


def test_the_board_speaks_japanese():
    sent = board(visit(lang="ja"))
    assert "カーネル" in sent["networks"][0]["idea"]
    assert sent["texts"]["Year"] == "年"
    assert all("lang=ja" in one["href"] for one in sent["networks"])


def test_the_code_panel_follows_its_network():
    page = visit()
    choose = next(box for box in page.selectbox if box.key == "structure_of")
    choose.select("vgg16").run()
    assert any('construct("vgg16")' in code.value for code in page.code)
