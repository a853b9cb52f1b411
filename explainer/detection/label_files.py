"""The two ways in which objects on pictures are written down: YOLO's text files and COCO's JSON.

Boxes come as shares of the picture's width and height: left, top, right, bottom.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explainer.errors import ReaderError

Labelled = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Boxes [objects, 4] and labels [objects]."""

_BESIDE = 0.01
"""By how much of the picture's side a box may reach beyond it: tools that write labels round."""
_LARGEST = 1e9
_YAML = 200_000
"""Bytes of a file that names classes; longer ones are not looked at."""

_NOT_TEXT = "{file} is not a text file in UTF-8."
_VALUES = "{file}, line {line}: {count} values. A line has five: class, centre x, centre y, width, height."
_NO_NUMBER = "{file}, line {line}: {text} is not a number."
_NO_LABEL = "{file}, line {line}: {text} is no class. Classes are whole numbers from 0 to {last}."
_OUTSIDE = (
    "{file}, line {line}: the box is empty or reaches beyond the picture. "
    "Its four numbers are shares of the picture's width and height, from 0 to 1."
)
_NO_JSON = "{file}, line {line}: this is no JSON."
_WRONG = "{file}, {part}[{number}]: {key} is missing, or not what COCO has there."
_OUTSIDE_PIXELS = "{file}, annotations[{number}]: the box is empty or reaches beyond its picture."
_CROWDS = "{count} crowd regions in {file} were left out: they are not single objects."


def yolo_objects(file: str, content: bytes, classes: int) -> Labelled:
    """Read one text file: a line for each object, ``class cx cy w h`` in shares of the picture.

    Args:
        file: its name, for messages.
        content: its bytes.
        classes: how many there are; 0 where that is not known.

    Raises:
        ReaderError: a line is wrong; the message names it.
    """
    boxes, labels = [], []
    for line, text in enumerate(_text(file, content).splitlines(), 1):
        words = text.split()
        if not words:
            continue
        if len(words) != 5:
            raise ReaderError(_VALUES, file=file, line=line, count=len(words))
        last = (classes or 10_000) - 1
        if not (words[0].isascii() and words[0].isdigit() and len(words[0]) < 6 and int(words[0]) <= last):
            raise ReaderError(_NO_LABEL, file=file, line=line, text=words[0][:40], last=last)
        x, y, width, height = (_number(file, line, word) for word in words[1:])
        box = _inside((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        if box is None:
            raise ReaderError(_OUTSIDE, file=file, line=line)
        boxes.append(box)
        labels.append(int(words[0]))
    return _gathered(boxes, labels)


def yolo_classes(texts: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the names of the classes from ``classes.txt``, ``*.names`` or the ``names`` of a YAML file.

    Empty where there is none.

    Raises:
        ReaderError: such a file cannot be read.
    """
    for file in sorted(texts):
        path = PurePosixPath(file)
        if path.name.lower() == "classes.txt" or path.suffix.lower() == ".names":
            names = [line.strip() for line in _text(file, texts[file]).splitlines()]
            while names and not names[-1]:
                names.pop()
            return tuple(names)
        if path.suffix.lower() in {".yaml", ".yml"} and len(texts[file]) <= _YAML:
            found = _yaml_names(file, _text(file, texts[file]))
            if found:
                return found
    return ()


def read_coco(file: str, content: bytes) -> dict[str, Any] | None:
    """Return the content of a COCO file; ``None`` if the file is another one.

    Raises:
        ReaderError: it ends in ``.json`` and is no JSON.
    """
    if PurePosixPath(file).suffix.lower() != ".json":
        return None
    try:
        found = json.loads(_text(file, content))
    except json.JSONDecodeError as error:
        raise ReaderError(_NO_JSON, file=file, line=error.lineno) from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, brackets without end
        raise ReaderError(_NO_JSON, file=file, line=1) from error
    parts = ("images", "annotations", "categories")
    if isinstance(found, dict) and all(isinstance(found.get(part), list) for part in parts):
        return found
    return None


def coco_labels(
    file: str, document: Mapping[str, Any]
) -> tuple[dict[str, tuple[*Labelled, tuple[int, int]]], tuple[str, ...], list[ReaderError]]:
    """Return what a COCO file says: by the pictures' names, the classes, and what was left out.

    With each picture come boxes, labels (places among the classes), and its height and width.

    Raises:
        ReaderError: an entry is wrong; the message names it.
    """

    def entry(part: str, number: int, **wanted: type | tuple[type, ...]) -> list[Any]:
        one = document[part][number]
        for key, kind in wanted.items():
            if not isinstance(one, dict) or not isinstance(one.get(key), kind) or isinstance(one[key], bool):
                raise ReaderError(_WRONG, file=file, part=part, number=number, key=key)
        return [one[key] for key in wanted]

    names: list[str] = []
    places: dict[int, int] = {}
    for number in range(len(document["categories"])):
        label, name = entry("categories", number, id=int, name=str)
        places[label] = len(names)
        names.append(name)
    files: set[str] = set()
    sizes: dict[int | str, tuple[str, int, int]] = {}
    for number in range(len(document["images"])):
        key, name, width, height = entry(
            "images", number, id=(int, str), file_name=str, width=int, height=int
        )
        for side, value in (("width", width), ("height", height)):
            if not 0 < value < _LARGEST:
                raise ReaderError(_WRONG, file=file, part="images", number=number, key=side)
        for what, twice in (("id", key in sizes), ("file_name", name in files)):
            if twice:
                raise ReaderError(_WRONG, file=file, part="images", number=number, key=what)
        files.add(name)
        sizes[key] = (name, width, height)
    boxes: dict[int | str, list[Sequence[float]]] = {key: [] for key in sizes}
    labels: dict[int | str, list[int]] = {key: [] for key in sizes}
    crowds = 0
    for number in range(len(document["annotations"])):
        picture, label, bbox = entry("annotations", number, image_id=(int, str), category_id=int, bbox=list)
        for key, known in (("image_id", picture in sizes), ("category_id", label in places)):
            if not known:
                raise ReaderError(_WRONG, file=file, part="annotations", number=number, key=key)
        if len(bbox) != 4 or not all(map(_is_number, bbox)):
            raise ReaderError(_WRONG, file=file, part="annotations", number=number, key="bbox")
        if document["annotations"][number].get("iscrowd"):
            crowds += 1
            continue
        x, y, w, h = map(float, bbox)
        _, width, height = sizes[picture]
        box = _inside((x / width, y / height, (x + w) / width, (y + h) / height))
        if box is None:
            raise ReaderError(_OUTSIDE_PIXELS, file=file, number=number)
        boxes[picture].append(box)
        labels[picture].append(places[label])
    found = {
        name: (*_gathered(boxes[key], labels[key]), (height, width))
        for key, (name, width, height) in sizes.items()
    }
    return found, tuple(names), [ReaderError(_CROWDS, count=crowds, file=file)] if crowds else []


def _text(file: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReaderError(_NOT_TEXT, file=file) from error


def _yaml_names(file: str, text: str) -> tuple[str, ...]:
    """Return the ``names`` of a YAML file, a list or a mapping of numbers to names; empty if it has none."""
    import yaml  # type: ignore[import-untyped]

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ReaderError("{file}, line {line}: this is no YAML.", file=file, line=line) from error
    names = found.get("names") if isinstance(found, dict) else None
    if isinstance(names, dict) and all(isinstance(key, int) and 0 <= key < 10_000 for key in names):
        names = [names.get(number, "") for number in range(max(names, default=-1) + 1)]
    if not isinstance(names, list) or not all(isinstance(one, str | int) for one in names):
        return ()
    return tuple(str(one) for one in names)


def _number(file: str, line: int, word: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise ReaderError(_NO_NUMBER, file=file, line=line, text=word[:40]) from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _inside(box: Sequence[float]) -> tuple[float, float, float, float] | None:
    """Return a box in shares cut at the picture's edge; ``None`` where it is none or reaches well beyond."""
    left, top, right, bottom = box
    if not all(map(math.isfinite, box)) or right <= left or bottom <= top:
        return None
    if min(left, top) < -_BESIDE or max(right, bottom) > 1 + _BESIDE:
        return None
    cut = max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)
    return cut if cut[0] < cut[2] and cut[1] < cut[3] else None


def _gathered(boxes: Sequence[Sequence[float]], labels: Sequence[int]) -> Labelled:
    return np.array(boxes, np.float64).reshape(-1, 4), np.array(labels, np.int64)
