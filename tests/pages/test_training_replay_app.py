"""The replay part: the film of a run, what stands in the link, epochs that come later, odd links."""

import time

import page_parts
import pytest
from filmed_run import add_epoch, filmed_run
from streamlit.testing.v1 import AppTest

from explainer.ui.jobs import jobs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVSCOPE_RUNS", str(folder))
        filmed_run(folder)
        yield folder


def settled(page: AppTest) -> AppTest:
    """The page once the film is there."""
    for key in ("replay_opened", "replay"):
        until = time.monotonic() + 60
        while time.monotonic() < until and f"{key}-wanted" in page.session_state:
            job = jobs().find(page.session_state[f"{key}-wanted"], "test")
            if job is None or job.finished:
                break
            time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def visit(**link: str) -> AppTest:
    return settled(page_parts.visit("training", "replay", **link))


def view(page: AppTest):
    return page_parts.frame_with(page, "subject")


def film(page: AppTest):
    return page_parts.frame_with(page, "photo")


def test_the_link_holds_what_is_shown(runs):
    page = visit(
        run="film",
        image="test-100",
        layer="relu_1_2",
        heat="4",
        cam="hirescam",
        epoch="1",
        pin="4",
        scale="own",
        paint="signed",
        pace="8",
    )
    shown, made = view(page), film(page)
    assert [shown[name] for name in ("epoch", "pin", "scale", "paint", "pace")] == [1, 4, "own", "signed", 8]
    assert shown["reel"] == made["reel"]
    assert made["epochs"].tolist() == [0, 1, 2, 4]
    assert made["maps"]["name"] == "relu_1_2"
    assert (made["heat"]["class"], made["heat"]["method"]) == (4, "HiRes-CAM")
    assert made["label"] == 3
    code = page.code[0].value
    assert "history.weights(1)" in code
    assert "images[100 : 101]" in code
    assert '"relu_1_2", 4, method="hirescam"' in code


def test_the_images_own_class_is_asked_about(runs):
    page = visit(run="film", image="test-100")
    assert film(page)["heat"]["class"] == 3
    before = view(page)["subject"]
    page.selectbox(key="linked_layer").set_value("conv_1_1").run()
    settled(page)
    assert page_parts.link_of(page)["layer"] == "conv_1_1"
    assert film(page)["kernels"] is None  # they are the filters
    assert view(page)["subject"] != before


def test_images_of_one_class(runs):
    page = visit(run="film", of="9")
    assert film(page)["label"] == 9


def test_new_epochs_are_loaded_when_asked_for(runs):
    run = filmed_run(runs, "later", (0, 1))
    page = visit(run="later", follow="0")
    assert film(page)["epochs"].tolist() == [0, 1]
    add_epoch(run, 2)
    page.run()
    assert film(page)["epochs"].tolist() == [0, 1]
    button = page.button(key="replay_more")
    assert button.label == "One new epoch: load it"
    settled(button.click().run())
    assert film(page)["epochs"].tolist() == [0, 1, 2]
    assert "replay_more" not in {one.key for one in page.button}


def test_new_epochs_come_by_themselves(runs):
    run = filmed_run(runs, "follows", (0, 1))
    page = visit(run="follows")
    subject = view(page)["subject"]
    add_epoch(run, 3)
    settled(page.run())
    assert film(page)["epochs"].tolist() == [0, 1, 3]
    assert view(page)["subject"] == subject  # so the reader stays where they are


@pytest.mark.parametrize(
    "link",
    [
        {"image": "test-99999", "layer": "nothing", "heat": "-1", "epoch": "x", "pace": "3", "scale": "?"},
        {"image": "own-gone", "of": "77", "cam": "magic", "epoch": "999999999999", "pin": "-4"},
        {"image": "../../etc/passwd", "epoch": "3"},
    ],
)
def test_odd_links(runs, link):
    page = visit(run="film", **link)
    assert not page.error
    assert film(page)["maps"]["name"] == "relu_2_2"
    assert view(page)["pace"] == 2


def test_a_run_that_is_not_here(runs):
    page = visit(run="nobody")
    assert "nobody" in page.warning[0].value
    assert film(page)["epochs"].size  # another one is shown


def test_without_a_run_it_says_how_to_begin(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path))
    page = page_parts.visit("training", "replay")
    assert "no run yet" in page.info[0].value
    page = next(one for one in page.button if one.label == "To the recipe").click().run()
    assert page_parts.link_of(page)["part"] == "recipe"


def test_a_run_without_epochs_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path))
    filmed_run(tmp_path, "empty", ())
    page = page_parts.visit("training", "replay", run="empty")
    assert not page.exception
    assert "has not kept an epoch" in page.info[0].value
