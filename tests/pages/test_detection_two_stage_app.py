"""Faster R-CNN step by step, and two detectors side by side: what the link says is what is shown."""

import re

import numpy as np
import page_parts
import pytest
from page_parts import checked, frame_with, link_of

from explainer.detection import load_detector
from explainer.detection.two_stage import as_input
from explainer.samples import sample

RANDOM = {"weights": "none"}


def visit(**link: str):
    return page_parts.visit("detection", "two_stage", **RANDOM, score="0.05", **link)


def test_the_numbers_sent_are_the_networks_own():
    page = visit(step="roi", bin="2.5")
    frame = frame_with(page, "regions")
    assert frame["state"]["step"] == "roi"
    assert frame["state"]["bin"] == [2, 5]
    detector = load_detector("faces_faster_rcnn", "none")
    photo = np.asarray(sample("astronaut").load().convert("RGB"))
    found = detector.stages(photo, score=0.05)
    assert np.array_equal(frame["result"]["boxes"], found.result.boxes.flatten().numpy())
    region = frame["region"]
    assert np.allclose(region["pooled"], found.regions.pooled[region["rank"]].mean(0).flatten().numpy())
    assert frame["counts"]["final"] == len(found.result)
    assert frame["fitted"]["size"] == list(found.fitted.size)
    corner = frame_with(visit(pixel="0.0"), "regions")["fitted"]
    assert np.allclose(
        corner["before"], detector.model.transform([as_input(photo)])[0].tensors[0, :, 0, 0] / 255
    )


def test_a_place_and_a_channel_in_the_link():
    frame = frame_with(visit(step="rpn", spot="1.4.7.2", channel="5"), "regions")
    spot = frame["spot"]
    assert (spot["level"], spot["row"], spot["column"], spot["which"]) == (1, 4, 7, 2)
    photo = np.asarray(sample("astronaut").load().convert("RGB"))
    level = load_detector("faces_faster_rcnn", "none").stages(photo).levels[1]
    assert np.array_equal(spot["deltas"], level.deltas[4, 7].flatten().numpy())
    assert np.array_equal(frame["levels"][1]["map"], level.features[5].flatten().numpy())
    assert len(spot["fates"]) == 6


@pytest.mark.parametrize(
    "link",
    [
        {"step": "nothing", "spot": "9.9.9.9", "region": "99999", "bin": "7.-1", "channel": "64"},
        {"spot": "1.2", "region": "x", "pixel": "99999.99999", "many": "0", "round": "500", "found": "300"},
    ],
)
def test_odd_links_do_no_harm(link):
    state = frame_with(visit(**link), "regions")["state"]
    assert state["step"] == "input"
    assert state["channel"] == -1
    assert state["many"] >= 1


def test_the_thresholds_change_the_end_only():
    page = visit()
    before = frame_with(page, "regions")
    page.select_slider(key="linked_score").set_value(0.95).run()
    after = frame_with(page, "regions")
    assert after["counts"]["final"] < before["counts"]["final"]
    assert after["counts"]["proposals"] == before["counts"]["proposals"]
    assert link_of(page)["score"] == "0.95"


def test_another_photo_forgets_the_place():
    page = visit(region="7", step="head")
    assert frame_with(page, "regions")["state"]["region"] == 7
    page.query_params["image"] = "coffee"
    checked(page.run())
    assert "region" not in link_of(page)
    assert link_of(page)["step"] == "head"


def test_the_code_prints_what_is_shown(capsys):
    page = visit(region="3")
    frame = frame_with(page, "regions")
    exec(compile(page.code[0].value, "code", "exec"), {})
    import torch

    torch.set_grad_enabled(True)
    printed = capsys.readouterr().out
    assert f"anchors {frame['counts']['anchors']}" in printed
    assert f"proposals {frame['counts']['proposals']}" in printed
    first = re.search(r"proposal 3: tensor\(\[(.+)\]\)", printed)[1].split(",")
    assert np.allclose([float(one) for one in first], frame["region"]["box"], atol=0.01)


def side_by_side(**link: str):
    return page_parts.visit("detection", "side_by_side", weights="none", weights2="none", **link)


def test_side_by_side_says_what_both_find():
    page = checked(side_by_side(score="0.25"))
    said = " ".join(one.value for one in page.markdown)
    found = re.search(r"(\d+) found by both, (\d+) only in one stage, (\d+) only in two stages", said)
    photo = np.asarray(sample("astronaut").load().convert("RGB"))
    counts = [
        len(load_detector(key, "none").detect([photo])[0])
        for key in ("faces_yolox_nano", "faces_faster_rcnn")
    ]
    if not any(counts):
        assert "Neither finds anything" in " ".join(one.value for one in page.caption)
        return
    both, first, second = (int(one) for one in found.groups())
    assert [both + first, both + second] == counts
