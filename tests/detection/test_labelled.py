"""Labelled pictures from zips: both formats, and what is wrong with them in words."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explainer import archives
from explainer.detection.detections import Detections
from explainer.detection.evaluation import Truth
from explainer.detection.labelled import LabelledSet, class_map, read_labelled_zip
from explainer.errors import ReaderError


def picture(width: int = 40, height: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (9, 80, 200)).save(file, "PNG")
    return file.getvalue()


def packed(**files: bytes | str) -> bytes:
    """A zip; in the names ``__`` stands for ``/``, ``_DOT_`` for a point."""
    return packed_as({name.replace("__", "/").replace("_DOT_", "."): data for name, data in files.items()})


def packed_as(files: dict[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def yolo(labels: str | bytes, **more: bytes | str) -> LabelledSet:
    return read_labelled_zip(
        packed(images__a_DOT_png=picture(), labels__a_DOT_txt=labels, classes_DOT_txt="cat\nDog\n", **more),
        "z.zip",
    )


def coco(**changes: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "a.png", "width": 40, "height": 20}],
        "categories": [{"id": 3, "name": "cat"}, {"id": 90, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 90, "bbox": [10, 5, 20, 10], "iscrowd": 0},
            {"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 40.1, 20], "iscrowd": 1},
        ],
    } | changes


def test_yolo() -> None:
    found = yolo("1 0.5 0.5 0.5 0.5\n\n0 0.25 0.5 0.5 1\r\n", images__empty_DOT_png=picture())
    first, second = found.pictures
    assert (first.name, second.name) == ("images/a.png", "images/empty.png")
    assert found.classes == ("cat", "Dog")
    truth = first.truth(first.load())
    assert truth.boxes.tolist() == [[10, 5, 30, 15], [0, 0, 20, 20]]
    assert truth.labels.tolist() == [1, 0]
    assert len(second.truth(second.load())) == 0
    assert not found.skipped


def test_yolo_side_by_side_with_yaml_names_and_a_byte_order_mark() -> None:
    found = read_labelled_zip(
        packed_as(
            {
                "set/one.PNG": picture(),
                "set/one.txt": b"\xef\xbb\xbf1 0.5 0.5 1 1",
                "set/data.yaml": "names:\n  0: face\n  1: masked face\nnc: 2\n",
                "set/readme.txt": "not a label file",
            }
        )
    )
    assert found.classes == ("face", "masked face")
    assert found.pictures[0].labels.tolist() == [1]
    assert read_labelled_zip(packed(a_DOT_png=picture(), a_DOT_txt="4 .5 .5 1 1")).classes == ()


def test_coco() -> None:
    found = read_labelled_zip(packed(images__a_DOT_png=picture(), annotations_DOT_json=json.dumps(coco())))
    (one,) = found.pictures
    assert one.truth(one.load()).boxes.tolist() == [[10, 5, 30, 15]]
    assert one.labels.tolist() == [1]
    assert found.classes == ("cat", "dog")
    assert [str(reason) for reason in found.skipped] == [
        "1 crowd regions in annotations.json were left out: they are not single objects."
    ]


def test_a_picture_kept_smaller_keeps_its_boxes_and_a_turned_one_is_refused() -> None:
    half = read_labelled_zip(packed(a_DOT_png=picture(20, 10), l_DOT_json=json.dumps(coco()))).pictures[0]
    assert half.truth(half.load()).boxes.tolist() == [[5, 2.5, 15, 7.5]]
    turned = read_labelled_zip(packed(a_DOT_png=picture(20, 40), l_DOT_json=json.dumps(coco()))).pictures[0]
    with pytest.raises(ReaderError, match="turned or cut"):
        turned.truth(turned.load())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("0 0.5 0.5 1 1\n0 0.5 0.5", r"labels/a.txt, line 2: 3 values"),
        ("0 0.5 0.5 1 1 0.9", "line 1: 6 values"),
        ("0 0.5 x 1 1", "line 1: x is not a number"),
        ("2 0.5 0.5 1 1", "line 1: 2 is no class. Classes are whole numbers from 0 to 1"),
        ("-1 0.5 0.5 1 1", "is no class"),
        ("٣ 0.5 0.5 1 1", "is no class"),
        ("1.0 0.5 0.5 1 1", "is no class"),
        ("0 0.9 0.5 0.5 1", "reaches beyond"),
        ("0 0.5 0.5 0 1", "empty"),
        ("0 nan 0.5 0.5 1", "empty"),
        ("0 0.5 inf 0.5 1", "empty"),
        ("0 150 100 20 10", "shares of the picture"),
        (b"\xff\xfe0\x00", "labels/a.txt is not a text file"),
    ],
)
def test_wrong_lines_are_named(labels: str | bytes, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        yolo(labels)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"images": [{"id": 7, "file_name": "a.png", "width": 40}]},
            r"l.json, images\[0\]: height is missing",
        ),
        ({"images": ["a.png"]}, r"images\[0\]: id"),
        ({"images": [{"id": 7, "file_name": "a.png", "width": 0, "height": 1}]}, r"images\[0\]: width"),
        ({"images": 2 * coco()["images"]}, r"images\[1\]: id"),
        ({"categories": [{"id": True, "name": "x"}]}, r"categories\[0\]: id"),
        (
            {"annotations": [{"image_id": 8, "category_id": 3, "bbox": [0, 0, 1, 1]}]},
            r"annotations\[0\]: image_id",
        ),
        ({"annotations": [{"image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1]}]}, "category_id"),
        ({"annotations": [{"image_id": 7, "category_id": 3, "bbox": [0, 0, 1]}]}, "bbox"),
        ({"annotations": [{"image_id": 7, "category_id": 3, "bbox": [0, 0, 1, "1"]}]}, "bbox"),
        ({"annotations": [{"image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 10**400]}]}, "bbox"),
        (
            {"annotations": [{"image_id": 7, "category_id": 3, "bbox": [30, 0, 20, 5]}]},
            "reaches beyond its picture",
        ),
        ({"annotations": [{"image_id": [], "category_id": 3, "bbox": [0, 0, 1, 1]}]}, "image_id"),
        (
            {"images": [{"id": 7, "file_name": "b.png", "width": 4, "height": 2}], "annotations": []},
            "None of the",
        ),
    ],
)
def test_wrong_entries_are_named(changes: dict, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        read_labelled_zip(packed(a_DOT_png=picture(), l_DOT_json=json.dumps(coco(**changes))))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [],\n "annotations": ]', "l.json, line 2: this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ("1" * 10_000, "this is no JSON"),
        ('{"a": 1}', "There are no labels"),
        (b"\xff", "not a text file"),
    ],
)
def test_odd_json(text: str | bytes, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        read_labelled_zip(packed(a_DOT_png=picture(), l_DOT_json=text))


@pytest.mark.parametrize("text", ["names: [a, b\n", "names: &a [*a, " + 5000 * "[", "a: b: c"])
def test_odd_yaml(text: str) -> None:
    with pytest.raises(ReaderError, match=r"data.yaml, line \d+: this is no YAML"):
        read_labelled_zip(packed(a_DOT_png=picture(), data_DOT_yaml=text, a_DOT_txt="0 .5 .5 1 1"))


def test_yaml_runs_no_code_and_other_names_are_ignored() -> None:
    with pytest.raises(ReaderError, match="no YAML"):
        read_labelled_zip(packed(a_DOT_png=picture(), d_DOT_yaml="names: !!python/object/apply:os.getcwd []"))
    found = read_labelled_zip(
        packed(a_DOT_png=picture(), d_DOT_yaml="names: {a: 1}", a_DOT_txt="0 .5 .5 1 1")
    )
    assert found.classes == ()


def test_zips_without_what_is_needed() -> None:
    with pytest.raises(ReaderError, match="no picture"):
        read_labelled_zip(packed(labels__a_DOT_txt="0 .5 .5 1 1", classes_DOT_txt="a"))
    with pytest.raises(ReaderError, match=r"There are no labels in z\.zip"):
        read_labelled_zip(packed(a_DOT_png=picture(), b_DOT_txt="0 .5 .5 1 1"), "z.zip")
    with pytest.raises(ReaderError, match="damaged, or no zip"):
        read_labelled_zip(b"PK\x03\x04 nothing", "z.zip")
    both = packed(a_DOT_png=picture(), l_DOT_json=json.dumps(coco()), m_DOT_json=json.dumps(coco()))
    with pytest.raises(ReaderError, match="several COCO files"):
        read_labelled_zip(both)


def test_hostile_zips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_labelled_zip(
        packed_as({"../../out.png": picture(), "../../out.txt": "0 .5 .5 1 1", "/etc/x.txt": "0 .5 .5 1 1"})
    )
    assert [one.name for one in found.pictures] == ["../../out.png"]
    assert not any(tmp_path.parent.parent.glob("out.*"))
    monkeypatch.setattr(archives, "LARGEST_TEXTS", 1000)
    with pytest.raises(ReaderError, match="unpack to more than"):
        read_labelled_zip(packed(a_DOT_png=picture(), a_DOT_txt="\n" * 2000))


def test_a_damaged_label_file_is_named() -> None:
    data = packed(a_DOT_png=picture(), labels__a_DOT_txt="0 0.5 0.5 1 1 " + 300 * " " + "\n1 2 3")
    place = data.index(b"labels/a.txt") + len("labels/a.txt") + 3
    broken = data[:place] + bytes(255 - byte for byte in data[place : place + 8]) + data[place + 8 :]
    with pytest.raises(ReaderError, match=r"labels/a.txt in the zip cannot be read"):
        read_labelled_zip(broken)


def test_classes_meet_by_name() -> None:
    given = yolo("0 .5 .5 1 1\n1 .5 .5 .5 .5")
    found = class_map(given, ("DOG", "bird"))
    assert (found.places, found.unmatched, found.known) == ((-1, 0), ("cat",), (0,))
    truth = found.truth(Truth(np.array([[0.0, 0, 1, 1], [0, 0, 2, 2]]), np.array([0, 1])))
    assert (truth.boxes.tolist(), truth.labels.tolist()) == ([[0, 0, 2, 2]], [0])
    guesses = Detections(torch.ones(3, 4), torch.tensor([0, 1, 0]), torch.tensor([0.9, 0.8, 0.7]))
    assert found.found(guesses).scores.tolist() == pytest.approx([0.9, 0.7])
    with pytest.raises(ReaderError, match=r"None of the labelled classes \(cat, Dog\)"):
        class_map(given, ("bird",))
    unnamed = LabelledSet(
        read_labelled_zip(packed(a_DOT_png=picture(), a_DOT_txt="1 .5 .5 1 1")).pictures, ()
    )
    assert class_map(unnamed, ("a", "b", "c")).known == (0, 1)
    assert class_map(
        LabelledSet(given.pictures, ("masked_face", "Mask-Worn")), ("mask worn", "masked face")
    ).places == (1, 0)


def test_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explainer.detection.labelled.MOST_OBJECTS", 2)
    with pytest.raises(ReaderError, match="more than 2 objects"):
        yolo("0 .5 .5 1 1\n" * 3)


def test_the_same_boxes_in_both_formats_of_the_sample_of_coco(data_folder: Path) -> None:
    with zipfile.ZipFile(data_folder / "coco_train128.zip") as archive:
        entries = json.loads(archive.read("annotations.json"))[:20]
        files = {one["file"]: archive.read(one["file"]) for one in entries}
        labels = {name.replace("images", "labels").replace("jpg", "txt"): name for name in files}
        texts = {name: archive.read(name) for name in labels if name in archive.namelist()}
        names = archive.read("classes.txt")
    found = read_labelled_zip(packed_as(files | texts | {"classes.txt": names}))
    for one, entry in zip(found.pictures, entries, strict=True):
        assert one.name == entry["file"]
        truth = one.truth(one.load())
        expected = [[*thing["bbox"]] for thing in entry["objects"]]
        np.testing.assert_allclose(truth.boxes, np.array(expected).reshape(-1, 4), atol=0.06)
        assert [found.classes[label] for label in truth.labels] == [
            thing["class"] for thing in entry["objects"]
        ]
