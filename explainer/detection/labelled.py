"""Labelled pictures from a reader's zip: YOLO's text files or COCO's JSON, neither of them trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from explainer.archives import Picture as Source
from explainer.archives import read_texts, read_zip
from explainer.detection.detections import Detections, Picture
from explainer.detection.evaluation import Floats, Truth, Whole
from explainer.detection.label_files import coco_labels, read_coco, yolo_classes, yolo_objects
from explainer.errors import ReaderError

MOST_OBJECTS = 100_000
"""In all pictures of a zip together."""
MOST_CLASSES = 2000
_TEXTS = frozenset({".txt", ".json", ".yaml", ".yml", ".names"})

_NO_LABELS = (
    "There are no labels in {name}. Put YOLO text files (one for each picture, with its name) "
    "or one COCO JSON file into the zip."
)
_NO_CLASS = (
    "None of the labelled classes ({own}) is one that this detector finds ({theirs}). "
    "Name them alike, or choose another detector."
)
_TOO_MANY = "There are more than {limit} objects in {name}. Choose fewer pictures."


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """A picture that is read when it is needed, and what is on it."""

    name: str
    load: Callable[[], Picture] = field(repr=False)
    """Return its pixels; ``ReaderError`` if it is damaged or no picture."""
    shares: Floats
    """[objects, 4]: left, top, right, bottom as shares of the picture's width and height, inside of it."""
    labels: Whole
    """[objects]: places among the set's classes."""
    shape: tuple[int, int] | None = None
    """Height and width that the labels were made for, where they say so."""

    def truth(self, pixels: Picture) -> Truth:
        """Return what is on it, in its own pixels.

        Raises:
            ReaderError: it is not the picture that was labelled: its sides are in another proportion.
        """
        height, width = pixels.shape[:2]
        if self.shape is not None:
            tall, wide = self.shape
            # A pixel on either side is what scaling may round away.
            if abs(height * wide - width * tall) > max(tall, wide) + max(height, width):
                raise ReaderError(
                    "{name} has {width} × {height} pixels, but its labels are for {wide} × {tall}: "
                    "it may have been turned or cut since.",
                    name=self.name,
                    width=width,
                    height=height,
                    wide=wide,
                    tall=tall,
                )
        return Truth(self.shares * np.array([width, height, width, height], np.float64), self.labels)


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Labelled pictures."""

    pictures: tuple[LabelledPicture, ...]
    classes: tuple[str, ...]
    """Names of the labels; empty where nothing names them: then label 3 is the detector's class 3."""
    skipped: tuple[ReaderError, ...] = ()
    """Why other files and objects were left out."""

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.pictures)


@dataclass(frozen=True)
class ClassMap:
    """Which of a detector's classes the labels of a set are."""

    places: tuple[int, ...]
    """For each label of the set, the place among the detector's classes; -1 for none."""
    unmatched: tuple[str, ...]
    """Labelled classes that the detector does not know; their objects do not count."""
    known: tuple[int, ...]
    """Places of the detector's classes that are labelled; detections of the others do not count."""

    def truth(self, truth: Truth) -> Truth:
        """Return the objects that count, with the detector's labels."""
        labels = np.array(self.places, np.int64)[truth.labels] if len(truth) else truth.labels
        kept = labels >= 0
        return Truth(truth.boxes[kept], labels[kept])

    def found(self, found: Detections) -> Detections:
        """Return the detections that count."""
        import torch

        kept = torch.isin(found.labels, torch.tensor(self.known, dtype=torch.int64))
        return Detections(found.boxes[kept], found.labels[kept], found.scores[kept])


def class_map(given: LabelledSet, classes: Sequence[str]) -> ClassMap:
    """Match the classes of a set with those of a detector by name; capitals, ``_`` and ``-`` do not matter.

    Raises:
        ReaderError: they have none in common.
    """
    if given.classes:
        places = {_plain(name): place for place, name in reversed(list(enumerate(classes)))}
        found = tuple(places.get(_plain(name), -1) for name in given.classes)
        own: Sequence[str] = given.classes
    else:
        most = max((int(one.labels.max(initial=-1)) for one in given.pictures), default=-1)
        found = tuple(label if label < len(classes) else -1 for label in range(most + 1))
        own = [str(label) for label in range(most + 1)]
    known = sorted({place for place in found if place >= 0})
    if not known:
        raise ReaderError(_NO_CLASS, own=_listed(own), theirs=_listed(classes))
    unmatched = tuple(name for name, place in zip(own, found, strict=True) if place < 0)
    return ClassMap(found, unmatched, tuple(known))


def read_labelled_zip(data: bytes, name: str = "") -> LabelledSet:
    """Read a zip of pictures with labels. Pictures themselves are read later, one at a time.

    YOLO: ``images/a.jpg`` with ``labels/a.txt``, or both side by side; each line is ``class cx cy w h`` in
    shares of the picture; a picture without a file shows nothing. ``classes.txt`` (a name a line) or
    ``data.yaml`` (``names``) name the classes. COCO: one JSON file with ``images``, ``annotations`` and
    ``categories``; crowd regions are left out.

    Raises:
        ReaderError: it is no zip, holds no picture or no labels, or a label is wrong: which file, which line.
    """
    name = name or "(no name)"
    listed = read_zip(data, name)
    texts = read_texts(data, _TEXTS, name)
    skipped = [one for one in listed.skipped if one.values.get("name") not in texts]
    documents = {path: document for path in texts if (document := read_coco(path, texts[path])) is not None}
    if len(documents) > 1:
        raise ReaderError(
            "There are several COCO files in the zip: {files}. Keep one.", files=_listed(list(documents))
        )
    if documents:
        ((path, document),) = documents.items()
        labelled, classes, left = coco_labels(path, document)
        pictures, without = _joined(listed.pictures, labelled, path)
        return _checked(LabelledSet(tuple(pictures), classes, (*skipped, *left, *without)), name)
    classes = yolo_classes(texts)
    files = _label_files(listed.pictures, texts)
    if not any(files.values()):
        raise ReaderError(_NO_LABELS, name=name)
    pictures = []
    for source in listed.pictures:
        file = files[source.name]
        shares, labels = yolo_objects(file, texts[file], len(classes)) if file else (_NO_BOXES, _NO_ONES)
        pictures.append(LabelledPicture(source.name, _pixels(source), shares, labels))
    return _checked(LabelledSet(tuple(pictures), classes, tuple(skipped)), name)


_NO_BOXES: Floats = np.zeros((0, 4))
_NO_ONES: Whole = np.zeros(0, np.int64)


def _checked(found: LabelledSet, name: str) -> LabelledSet:
    if sum(len(one.labels) for one in found.pictures) > MOST_OBJECTS:
        raise ReaderError(_TOO_MANY, name=name, limit=MOST_OBJECTS)
    if len(found.classes) > MOST_CLASSES:
        raise ReaderError("There are more than {limit} classes in {name}.", name=name, limit=MOST_CLASSES)
    return found


def _label_files(pictures: Sequence[Source], texts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the label file of each picture; empty for a picture that has none."""
    files = {path for path in texts if PurePosixPath(path).suffix.lower() == ".txt"}
    found = {}
    for one in pictures:
        path = PurePosixPath(one.name)
        beside = str(path.with_suffix(".txt"))
        parts = list(path.with_suffix(".txt").parts)
        folders = [place for place, part in enumerate(parts[:-1]) if part.lower() == "images"]
        if folders:
            parts[folders[-1]] = "labels"
        apart = str(PurePosixPath(*parts))
        found[one.name] = next((file for file in (apart, beside) if file in files), "")
    return found


def _joined(
    sources: Sequence[Source], labelled: Mapping[str, tuple[Floats, Whole, tuple[int, int]]], file: str
) -> tuple[list[LabelledPicture], list[ReaderError]]:
    """Find the pictures that a COCO file names, by path or, where only one has that name, by name."""
    by_path = {one.name: one for one in sources}
    by_name: dict[str, list[Source]] = {}
    for one in sources:
        by_name.setdefault(PurePosixPath(one.name).name, []).append(one)
    pictures, missing = [], []
    for path, (shares, labels, shape) in labelled.items():
        near = by_name.get(PurePosixPath(path.replace("\\", "/")).name, [])
        source = by_path.get(path) or (near[0] if len(near) == 1 else None)
        if source is None:
            missing.append(
                ReaderError("{name} is labelled in {file}, but is not in the zip.", name=path, file=file)
            )
            continue
        pictures.append(LabelledPicture(source.name, _pixels(source), shares, labels, shape))
    if not pictures:
        raise ReaderError("None of the pictures that {file} names is in the zip.", file=file)
    return pictures, missing


def _pixels(source: Source) -> Callable[[], Picture]:
    return lambda: np.asarray(source.load(), np.uint8)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(name[:60] for name in names[:most])
    return shown + (", …" if len(names) > most else "")
