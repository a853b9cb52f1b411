"""A reader's file of a detector: told apart by its tensors, refused in words, never run."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from explainer.detection import find_detector, load_detector
from explainer.detection.fast import exported
from explainer.detection.loading import build
from explainer.detection.recognising import MOST_CLASSES, recognise
from explainer.detection.yolox import build_yolox
from explainer.errors import ReaderError
from explainer.models.entries import WEIGHTS
from explainer.samples import sample

KEYS = (
    "yolox_nano",
    "yolox_tiny",
    "yolox_s",
    "faces_faster_rcnn",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "fasterrcnn_resnet50_fpn",
    "ssdlite320_mobilenet_v3_large",
)


class Runs:
    """Its pickle runs a command."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("key", KEYS)
def test_every_network_is_told_by_its_tensors_whatever_it_was_trained_on(key, tmp_path):
    torch.save(build(find_detector(key), 4).state_dict(), tmp_path / "mine")
    found = recognise(tmp_path / "mine", "mine.pth")
    assert (found.entry.key, found.outputs, found.classes) == (key, 4, ())
    detector = load_detector(found.entry, tmp_path / "mine", classes=("a", "b", "c", "d"))
    assert detector.classes == ("a", "b", "c", "d")
    detector.detect([np.zeros((40, 60, 3), np.uint8)])


def test_a_checkpoint_as_yolox_training_saves_it(tmp_path):
    """With the optimiser, an epoch, and accuracies that are numpy's numbers."""
    content = {
        "start_epoch": 300,
        "model": {f"module.{name}": one for name, one in build_yolox("yolox_tiny", 7).state_dict().items()},
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.01}]},
        "best_ap": np.float64(0.31),
        "curr_ap": np.float32(0.3),
    }
    torch.save(content, tmp_path / "best_ckpt.pth")
    found = recognise(tmp_path / "best_ckpt.pth", "best_ckpt.pth")
    assert (found.entry.key, found.outputs, found.side) == ("yolox_tiny", 7, 416)


def test_what_the_file_says_of_itself_is_taken_over(tmp_path):
    state = build_yolox("yolox_nano", 2).state_dict()
    save_file(state, tmp_path / "mine", {"classes": json.dumps(["cup", "pen"]), "side": "320"})
    found = recognise(tmp_path / "mine", "mine.safetensors")
    assert (found.classes, found.side) == (("cup", "pen"), 320)
    bundled = recognise(WEIGHTS / "faces_yolox_nano.safetensors", "faces")
    assert bundled.entry.key == "yolox_nano"
    assert bundled.classes == find_detector("faces_yolox_nano").classes
    torch.save(build_yolox("yolox_s", 80).state_dict(), tmp_path / "eighty")
    assert recognise(tmp_path / "eighty", "eighty").classes == find_detector("yolox_s").classes
    torch.save(build_yolox("yolox_nano", 3).state_dict(), tmp_path / "three")
    assert recognise(tmp_path / "three", "three").classes == (), "three classes need not be faces"


def test_an_onnx_export_without_a_telling_name_gives_the_same_boxes(tmp_path):
    detector = load_detector("faces_yolox_nano")
    (tmp_path / "0a1b").write_bytes(exported(detector.model))
    found = recognise(tmp_path / "0a1b", "faces.onnx")
    assert (found.entry.key, found.outputs) == ("yolox_nano", 3)
    same = load_detector(found.entry, tmp_path / "0a1b", side=detector.side)
    photo = np.asarray(sample("astronaut").load().convert("RGB"))
    (wanted,), (got,) = detector.detect([photo]), same.detect([photo])
    assert len(wanted)
    torch.testing.assert_close(got.boxes, wanted.boxes, rtol=1e-3, atol=0.05)
    torch.testing.assert_close(got.scores, wanted.scores, rtol=1e-3, atol=1e-3)


def test_an_onnx_export_cannot_point_at_other_files(tmp_path):
    import onnx

    program = onnx.load_from_string(exported(build_yolox("yolox_nano", 2).eval()))
    (tmp_path / "secret").write_bytes(b"\0" * 10_000_000)
    for one in program.graph.initializer:
        if len(one.dims) == 4:
            one.ClearField("raw_data")
            one.data_location = onnx.TensorProto.EXTERNAL
            one.external_data.add(key="location", value=str(tmp_path / "secret"))
    (tmp_path / "mine").write_bytes(program.SerializeToString())
    with pytest.raises(ReaderError, match="cannot be read as an ONNX export"):
        recognise(tmp_path / "mine", "mine.onnx")


def ultralytics(folder: Path) -> None:
    """A state dict with the names that a YOLOv8 has."""
    names = [f"model.{place}.{part}" for place in range(9) for part in ("conv.weight", "bn.weight")]
    torch.save({name: torch.zeros(4) for name in names}, folder / "file")


def a_classifier(folder: Path) -> None:
    (folder / "file").write_bytes((WEIGHTS / "resnet20.safetensors").read_bytes())


def changed(folder: Path) -> None:
    state = build_yolox("yolox_nano", 2).state_dict()
    state["head.reg_preds.1.weight"] = torch.zeros(5, 64, 1, 1)
    torch.save(state, folder / "file")


def broken_off(folder: Path) -> None:
    state = build_yolox("yolox_nano", 2).state_dict()
    state["head.obj_preds.0.bias"].fill_(float("nan"))
    torch.save(state, folder / "file")


def too_many(folder: Path) -> None:
    torch.save(build_yolox("yolox_nano", MOST_CLASSES + 1).state_dict(), folder / "file")


def code(folder: Path) -> None:
    torch.save(
        {"model": build_yolox("yolox_nano", 2).state_dict(), "x": Runs(folder / "mark")}, folder / "file"
    )


def a_photo(folder: Path) -> None:
    sample("coffee").load().save(folder / "file", "JPEG")


def nothing(folder: Path) -> None:
    (folder / "file").write_bytes(b"")


def cut(folder: Path) -> None:
    (folder / "file").write_bytes(exported(load_detector("faces_yolox_nano").model)[:200_000])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (ultralytics, "built in another way"),
        (a_classifier, "of no detector that can be opened here"),
        (changed, r"most like YOLOX-Nano.*head\.reg_preds\.1\.weight"),
        (broken_off, "values that are no numbers"),
        (too_many, f"up to {MOST_CLASSES}"),
        (code, "opening it could run code"),
        (a_photo, "cannot be read as weights"),
        (nothing, "cannot be read as weights"),
        (cut, "cannot be read as an ONNX export"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(make, words, tmp_path):
    make(tmp_path)
    with pytest.raises(ReaderError, match=words):
        recognise(tmp_path / "file", "mine.pth")
    assert not (tmp_path / "mark").exists()


def test_a_pickled_ultralytics_model_is_called_by_its_name(tmp_path):
    """Its checkpoints hold objects of its own classes, which are not unpickled."""

    class DetectionModel:
        pass

    DetectionModel.__module__ = "ultralytics.nn.tasks"
    import sys
    import types

    module = types.ModuleType("ultralytics.nn.tasks")
    module.DetectionModel = DetectionModel
    DetectionModel.__qualname__ = "DetectionModel"
    for name in ("ultralytics", "ultralytics.nn"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["ultralytics.nn.tasks"] = module
    try:
        torch.save({"model": DetectionModel()}, tmp_path / "yolo11n.pt")
    finally:
        for name in ("ultralytics", "ultralytics.nn", "ultralytics.nn.tasks"):
            del sys.modules[name]
    with pytest.raises(ReaderError, match="Ultralytics"):
        recognise(tmp_path / "yolo11n.pt", "yolo11n.pt")
    assert "ultralytics" not in sys.modules
