"""The evaluation part: the sample set, the reader's zip, sliders without a new run, odd links."""

import io
import time
import zipfile

import page_parts
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.detection.sample_set import sample_set
from explainer.ui.jobs import jobs

UNTRAINED = {"detector": "faces_yolox_nano", "weights": "none"}


def settled(page: AppTest) -> AppTest:
    """The page once its pictures have been looked through."""
    assert not page.exception
    assert not page.error, [one.value for one in page.error]
    name = page.session_state["evaluation-wanted"]
    until = time.monotonic() + 120
    # A job ends when nobody looks; on a busy machine a run of the page takes longer than its patience.
    while time.monotonic() < until and (job := jobs().find(name, "test")) and not job.finished:
        time.sleep(0.1)
    return page.run()


def visit(**link: str) -> AppTest:
    return settled(page_parts.visit("detection", "evaluation", **link))


def zipped(labels: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, one in enumerate(sample_set().pictures[:2]):
            file = io.BytesIO()
            Image.fromarray(one.load()).save(file, "PNG")
            archive.writestr(f"images/{number}.png", file.getvalue())
        archive.writestr("labels/0.txt", labels)
        archive.writestr("classes.txt", "hat\nFace")
    return made.getvalue()


@pytest.fixture(scope="module")
def page() -> AppTest:
    return visit(match="0.6", score="0.4", rule="eleven", kind="missed", case="2")


def test_the_link_holds_what_is_set(page):
    curve = page_parts.frame_with(page, "rule")
    assert (curve["iou"], curve["score"], curve["rule"]) == (0.6, 0.4, "eleven")
    mistakes = page_parts.frame_with(page, "kinds")
    assert (mistakes["iou"], mistakes["score"], mistakes["shown"], mistakes["place"]) == (
        0.6,
        0.4,
        "missed",
        2,
    )
    assert len(page_parts.frame_with(page, "pictures")["pictures"]) == 24
    assert [one.label for one in page.metric][:3] == ["mAP", "AP50", "AP75"]
    assert any("no benchmark" in one.value for one in page.caption)


def test_a_threshold_is_answered_without_looking_again(page):
    strict = page_parts.frame_with(page, "rule")
    page.select_slider(key="linked_match").set_value(0.3).run()
    loose = page_parts.frame_with(page, "rule")
    assert page_parts.link_of(page)["match"] == "0.3"
    assert loose["true"].sum() >= strict["true"].sum()
    assert loose["identity"] != strict["identity"]
    assert (loose["scores"] == strict["scores"]).all()
    assert len(page.dataframe) == 1
    table = page.dataframe[0].value
    assert table["Objects"].iloc[-1] == table["Objects"].iloc[:-1].sum()
    assert "evaluate(truths, found, detector.classes, thresholds=[0.3])" in page.code[0].value


@pytest.mark.parametrize(
    "query",
    [
        {
            "match": "nan",
            "score": "7",
            "rule": "x",
            "rank": "-3",
            "kind": "?",
            "case": "x" * 50,
            "label": "dog",
        },
        {"rank": "999999", "case": "999999", "set": "film"},
    ],
)
def test_odd_links(query):
    found = visit(**query)
    assert not found.exception
    assert page_parts.frame_with(found, "rule")["rule"] == "all"


def test_a_zip_of_ones_own():
    found = page_parts.visit("detection", "evaluation", set="own", **UNTRAINED)
    found.file_uploader(key="evaluation_file").set_value(
        ("mine.zip", zipped("1 0.5 0.5 0.4 0.4\n"), "application/zip")
    ).run()
    assert not found.error, [one.value for one in found.error]
    settled(found.button(key="evaluation-start").click().run())
    assert page_parts.frame_with(found, "rule")["title"] == "face"
    assert any("hat" in one.value for one in found.caption)
    assert 'Path("mine.zip")' in found.code[0].value


def test_a_wrong_label_is_named():
    found = page_parts.visit("detection", "evaluation", set="own", **UNTRAINED)
    found.file_uploader(key="evaluation_file").set_value(
        ("mine.zip", zipped("1 0.5 0.5\n"), "application/zip")
    ).run()
    assert "labels/0.txt, line 1: 3 values" in found.error[0].value
