"""The mixed precision part: numbers and bits, the loss scale, measurements on this machine, the recipe."""

import time

import page_parts
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.training.data import load_dataset
from explainer.ui.jobs import jobs
from explainer.ui.training.precision_number import number_of

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path))


def visit(**link: str) -> AppTest:
    return page_parts.checked(page_parts.visit("training", "precision", **link))


def done(page: AppTest, key: str) -> AppTest:
    """The page once a job of it has ended."""
    name = page.session_state[f"{key}-wanted"]
    until = time.monotonic() + 240
    while time.monotonic() < until and (job := jobs().find(name, "test")) and not job.finished:
        time.sleep(0.1)
    return page_parts.checked(page.run())


def test_a_typed_number():
    page = visit(number="65520")
    formats = {one["name"]: one for one in page_parts.frame_with(page, "formats")["formats"]}
    assert formats["float16"]["became"] == "overflow"
    assert formats["bfloat16"]["value"] == 65536
    assert formats["float32"]["error"] == 0
    page.text_input(key="precision_number").set_value("-3e-8").run()
    assert page_parts.link_of(page)["number"] == "-3e-8"
    formats = {one["name"]: one for one in page_parts.frame_with(page, "formats")["formats"]}
    assert formats["float16"]["value"] == float(torch.tensor(-3e-8).half())
    page.text_input(key="precision_number").set_value("three").run()
    assert "Type a number" in page.info[0].value
    page.button(key="precision_example_2e-08").click().run()
    assert page_parts.link_of(page)["number"] == "2e-08"


def test_what_counts_as_a_number():
    assert number_of(" 1,5 ") == 1.5
    assert number_of("−2") == -2
    assert number_of("∞") == float("inf")
    for text in ("", "1_000", "0x10", "1" * 31, "1/3", "nine"):
        assert number_of(text) is None


def test_a_pixel_as_the_network_is_given_it():
    page = visit(of="pixel", pixel="10,20", tint="1", recipe="mean:0.5/0.4/0.3,std:0.2/0.25/0.3")
    frame = page_parts.frame_with(page, "formats")
    picture = frame["picture"]["pixels"].reshape(64, 64, 3)
    number = (int(picture[10, 20, 1]) / 255 - 0.4) / 0.25
    assert frame["formats"][0]["value"] == pytest.approx(number, rel=1e-6)
    images = load_dataset("starter").train.images
    image = torch.from_numpy(picture.copy()).permute(2, 0, 1)
    assert bool((images == image).flatten(1).all(1).any())
    page.button(key="precision_picture").click().run()
    assert page_parts.link_of(page)["picture"] == "1"


def test_the_course_of_the_scale_follows_the_link():
    frame = page_parts.frame_with(
        visit(show="scale", overflows="3", start="8", interval="5", limit="30"), "powers"
    )
    assert frame["powers"][:10].tolist() == [8, 8, 8, 8, 7, 7, 7, 7, 7, 8]
    assert frame["skipped"].nonzero()[0].tolist() == [3]
    none = page_parts.frame_with(visit(show="scale", overflows="-", limit="30"), "powers")
    assert none["forced"] == []
    assert not none["skipped"].any()


def test_gradients_are_measured_in_a_process_of_their_own():
    page = visit(show="scale", power="10", recipe="batch_size:8")
    page.button(key="precision_gradients-start").click().run()
    frame = page_parts.frame_with(done(page, "precision_gradients"), "vanished")
    assert frame["power"] == 10
    assert frame["count"] > 10_000
    assert 0 <= frame["vanished"][10] <= frame["vanished"][0] < 1
    page.segmented_control(key="linked_of").set_value("weights").run()
    weights = page_parts.frame_with(page, "vanished")
    assert 1000 < weights["count"] < frame["count"]


def test_the_fastest_goes_into_the_recipe():
    page = visit(show="machine", recipe="batch_size:8,channels_last:0")
    page.button(key="precision_speeds-start").click().run()
    done(page, "precision_speeds")
    table = page.dataframe[0].value
    assert table["Format"].tolist()[0] == "float32"
    assert len(table) >= 4
    assert table["× float32"].iloc[0] == 1
    best = table.sort_values("Images a second").iloc[-1]
    if not page.button(key="precision_use").disabled:
        page.button(key="precision_use").click().run()
    page_parts.checked(page)
    assert page.button(key="precision_use").disabled
    link = page_parts.link_of(page)["recipe"]
    assert ("channels_last:0" in link) == (best["channels_last"] == "")
    assert (f"precision:{best['Format']}" in link) == (best["Format"] != "float32")


def test_float16_is_said_to_need_a_gpu():
    page = visit(recipe="precision:float16")
    assert torch.cuda.is_available() or "no CUDA GPU" in page.warning[0].value
    page.segmented_control(key="recipe_precision").set_value("bfloat16").run()
    page.toggle(key="recipe_compile").set_value(True).run()
    assert set(page_parts.link_of(page)["recipe"].split(",")) == {"precision:bfloat16", "compile:1"}


@pytest.mark.parametrize(
    "query",
    [
        {"show": "?", "of": "?", "number": "x" * 90},
        {"number": "nan"},
        {"number": "-inf"},
        {"of": "pixel", "pixel": "-1,999", "tint": "9", "picture": "x"},
        {
            "show": "scale",
            "overflows": "x,-1,99,3,3",
            "start": "3.3",
            "interval": "0",
            "limit": "99",
            "power": "77",
        },
    ],
)
def test_odd_links(query):
    visit(**query)
