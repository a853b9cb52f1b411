"""Frames of an evaluation: what the browser is given is what the matching says; the code reproduces it."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch

from explainer.detection.detections import Detections, Picture
from explainer.detection.evaluation import match
from explainer.detection.labelled import LabelledSet, class_map
from explainer.detection.sample_set import sample_set
from explainer.detection.trial import LEVELS, Trial, try_out
from explainer.errors import Cancelled
from explainer.render.detector_code import opener
from explainer.render.evaluation import (
    album,
    ap_rows,
    curve_frame,
    judgements,
    labelled_classes,
    mistakes_frame,
)
from explainer.render.evaluation_code import evaluation_code
from explainer.render.wire import pack, unpack

TITLES = ("Gesicht", "Maske", "Maske schief")


class Guessing:
    """A detector that knows the labels, moves the boxes and makes things up; always the same."""

    key, classes, trained, side, model = (
        "guess",
        ("face", "masked face", "hat"),
        True,
        416,
        torch.nn.Identity(),
    )

    def detect(self, images: list[Picture], **_: Any) -> list[Detections]:
        found = []
        for pixels in images:
            rng = np.random.default_rng(int(pixels.sum()) % 2**31)
            one = next(
                one
                for one in sample_set().pictures
                if (one.load().shape == pixels.shape) and (one.load() == pixels).all()
            )
            truth = class_map(sample_set(), self.classes).truth(one.truth(pixels))
            again = rng.integers(0, 3, len(truth))
            boxes = np.repeat(truth.boxes, again, 0) + rng.normal(0, 6, (again.sum(), 4))
            boxes = np.concatenate((boxes, [[10, 10, 60, 70]]))
            labels = np.concatenate((np.repeat(truth.labels, again), [rng.integers(0, 3)]))
            found.append(
                Detections(
                    torch.tensor(boxes).float(),
                    torch.tensor(labels),
                    torch.tensor(rng.random(len(labels))).float(),
                )
            )
        return found

    def stages(self, image: Picture, **_: Any) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def trial() -> Trial:
    return try_out(Guessing(), sample_set())


def test_the_curve_is_that_of_the_matching(trial: Trial) -> None:
    sent = unpack(pack(curve_frame(trial, 0, iou=0.6, score=0.4, rule="coco", titles=TITLES)))
    assert sent["title"] == "Gesicht"
    assert (np.diff(sent["scores"]) <= 0).all()
    assert sent["kept"] == int((sent["scores"] >= 0.4).sum())
    boxes, there = sent["boxes"].reshape(-1, 4), sent["there"]["boxes"].reshape(-1, 4)
    hits = 0
    for picture, (truth, found) in enumerate(zip(trial.truths, trial.found, strict=True)):
        matching = match(truth, found, 0.6)
        rows = np.flatnonzero(sent["pictures"] == picture)
        assert len(rows) == int((found.labels == 0).sum())
        size = np.array([trial.copies[picture].width, trial.copies[picture].height] * 2)
        for row in rows:
            nearest = np.abs(found.boxes.numpy() / size - boxes[row]).max(1).argmin()
            assert bool(sent["true"][row]) == bool(matching.true[nearest])
            if sent["found"][row] >= 0:
                hits += 1
                np.testing.assert_allclose(
                    there[sent["found"][row]] * size, truth.boxes[matching.objects[nearest]], atol=0.01
                )
                assert sent["there"]["pictures"][sent["found"][row]] == picture
    assert hits == int(sent["true"].sum()) > 5


def test_mistakes_say_what_is_judged(trial: Trial) -> None:
    judged = judgements(trial, iou=0.5, score=0.3)
    sent = unpack(pack(mistakes_frame(trial, iou=0.5, score=0.3, titles=TITLES, judged=judged)))
    assert len(sent["kind"]) == sum(map(len, judged))
    shown = sorted(
        (sent["kinds"][kind], int(picture))
        for kind, picture in zip(sent["kind"], sent["pictures"], strict=True)
    )
    assert shown == sorted((one.kind, picture) for picture, several in enumerate(judged) for one in several)
    assert (
        sent["pictures"][sent["objects"] >= 0]
        == sent["there"]["pictures"][sent["objects"][sent["objects"] >= 0]]
    ).all()
    missed = np.array(sent["kinds"])[sent["kind"]] == "missed"
    assert np.isnan(sent["scores"][missed]).all()
    assert np.isnan(sent["boxes"].reshape(-1, 4)[missed]).all()
    assert (sent["scores"][~missed] >= 0.3).all()


def test_the_album_holds_every_picture(trial: Trial) -> None:
    sent = unpack(pack(album(trial)))
    assert [bytes(one["jpeg"][:2]) for one in sent["pictures"]] == [b"\xff\xd8"] * 24
    assert sent["album"] == album(trial)["album"]


def test_rows_of_the_table(trial: Trial) -> None:
    rows = ap_rows(trial, 0.5)
    assert [row["label"] for row in rows] == [*labelled_classes(trial), -1]
    assert rows[-1]["coco"] == pytest.approx(trial.usual.ap50)
    assert rows[-1]["mean"] == pytest.approx(trial.usual.map)
    assert trial.meant.known == (0, 1)  # nobody has labelled hats: those made up do not count
    assert rows[0]["all"] == pytest.approx(trial.loose.curve(rows[0]["label"], 0.5).ap("all"))


def test_levels_hold_those_of_coco(trial: Trial) -> None:
    for iou in trial.usual.thresholds:
        assert trial.loose.mean_ap(iou) == pytest.approx(trial.usual.mean_ap(iou))
    assert 0.3 in LEVELS


def test_a_trial_can_be_given_up() -> None:
    def enough(done: int, total: int) -> None:
        assert total == 24
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        try_out(Guessing(), sample_set(), progress=enough)


def test_the_code_runs_and_says_the_same() -> None:
    from explainer.detection import load_detector

    torch.set_num_threads(1)
    few = sample_set().pictures[:2]
    code = evaluation_code(
        opener("faces_yolox_nano", "none"), None, label=0, iou=0.5, score=0.05, rule="eleven"
    )
    code = code.replace(
        "given = sample_set()", "given = replace(sample_set(), pictures=sample_set().pictures[:2])"
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("from dataclasses import replace\n" + code, "snippet", "exec"), {})
    detector = load_detector("faces_yolox_nano", "none")
    result = try_out(detector, LabelledSet(few, sample_set().classes))
    lines = printed.getvalue().splitlines()
    assert lines[0] == f"face {result.usual.rankings[0].objects} objects"
    assert f"AP {result.loose.curve(0, 0.5).ap('eleven'):.4f}" in lines
    assert f"mAP {result.usual.map:.4f}" in lines


def test_the_code_names_the_readers_file() -> None:
    code = evaluation_code(opener("yolox_s"), 'a".zip', label=3, iou=0.55, score=0.3, rule="coco")
    compile(code, "snippet", "exec")
    assert r'read_labelled_zip(Path("a\".zip").read_bytes())' in code
