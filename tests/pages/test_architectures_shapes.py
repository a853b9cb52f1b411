"""The tables of shapes of the Architectures page without a browser."""

import page_parts
import pytest
from page_parts import frame_with
from streamlit.testing.v1 import AppTest

from explainer.models.architectures import architecture


def visit(**link: str) -> AppTest:
    return page_parts.visit("architectures", "shapes", **link)


def table(page: AppTest) -> dict:
    return frame_with(page, "rows")


def box(page: AppTest, key: str):
    return next(one for one in (*page.selectbox, *page.number_input) if one.key == key)


def test_lenet_stands_there_at_first_with_the_sequence_of_its_paper():
    sent = table(visit())
    assert sent["sequence"] == [
        [1, 32, 32],
        [6, 28, 28],
        [6, 14, 14],
        [16, 10, 10],
        [16, 5, 5],
        [120],
        [84],
        [10],
    ]
    assert sent["href"] == "./?model=lenet5"


def test_the_link_names_network_and_side():
    sent = table(visit(net="resnet18", side="448"))
    assert sent["identity"] == "resnet18/448"
    assert sent["rows"][0]["shape"] == [3, 448, 448]
    assert sum(row["parameters"] for row in sent["rows"]) == architecture("resnet18").structure.parameters


@pytest.mark.parametrize("odd", [{"net": "nothing"}, {"side": "0"}, {"side": "-3"}, {"side": "9" * 5000}])
def test_odd_links_show_lenet(odd):
    assert table(visit(**odd))["identity"] == "lenet5/32"


def test_choosing_changes_the_link_and_defaults_are_not_in_it():
    page = visit()
    box(page, "shapes-net").select("alexnet").run()
    assert page.query_params["net"] == "alexnet"
    box(page, "shapes-side").set_value(227).run()
    assert page.query_params["side"] == "227"
    assert table(page)["identity"] == "alexnet/227"
    box(page, "shapes-net").select("lenet5").run()
    assert "net" not in page.query_params
    assert "side" not in page.query_params
    assert table(page)["identity"] == "lenet5/32"


def test_a_picture_too_small_is_told_in_words_and_can_be_undone():
    page = visit(side="28")
    (said,) = [error.value for error in page.error]
    assert "28 × 28" in said
    assert "LeNet-5" in said
    next(button for button in page.button if button.key == "shapes-reset").click().run()
    assert table(page)["identity"] == "lenet5/32"


def test_japanese():
    page = visit(lang="ja", side="28")
    assert "画素の画像は" in page.error[0].value
