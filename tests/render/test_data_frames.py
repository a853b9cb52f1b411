"""Frames of a data set against counting by hand; the pictures in the sheet are those that are named."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from explainer.render.data_wall import (
    PER_PAGE,
    PER_ROW,
    ROWS,
    TWINS_PER_PAGE,
    TWINS_SHOWN,
    portions,
    twins_frame,
    wall_frame,
)
from explainer.render.wire import pack, unpack
from explainer.training.checks import duplicates_of
from explainer.training.data import Dataset, Split, learned_from
from explainer.training.recipe import load_recipe


def plain(values, labels, channels=3, side=16):
    """Images of one grey each."""
    values = torch.tensor(values, dtype=torch.uint8)
    return Split(values[:, None, None, None].repeat(1, channels, side, side), torch.tensor(labels))


def numbered(count, classes, **more):
    labels = [place % classes for place in range(count)]
    train = plain([place % 251 for place in range(count)], labels, **more)
    test = plain([255] * classes, list(range(classes)), **more)
    return Dataset(train, test, tuple(f"c{one}" for one in range(classes)), "numbered")


def pictures(frame):
    """The middle of every picture of a sheet, as it was decoded."""
    sheet = np.asarray(Image.open(io.BytesIO(frame["sheet"].tobytes())))
    side, across = frame["side"], frame["across"]
    rows = sheet.reshape(-1, side, across, side, 3).transpose(0, 2, 1, 3, 4)
    return rows.reshape(-1, side, side, 3)[:, side // 2, side // 2, 0].astype(int)


def asked(validation, seed, images_per_class=0):
    """A recipe of which only this matters."""
    recipe = load_recipe("tiny_vgg")
    return replace(recipe, validation=validation, seed=seed, images_per_class=images_per_class)


def shown(data, **wanted):
    usual = {"shown": "train", "label": None, "page": 0, "draw": 0}
    frame = wall_frame(portions(data, asked(0.2, 3)), data.classes, **(usual | wanted))
    return unpack(pack(frame))


def test_portions_divide_the_training_images_class_by_class():
    data = numbered(90, 3)
    parts = portions(data, asked(0.2, 3))
    train, held = (set(parts[name].places.tolist()) for name in ("train", "validation"))
    assert train | held == set(range(90))
    assert not train & held
    assert parts["validation"].labels.bincount().tolist() == [6, 6, 6]
    assert parts["test"].places.tolist() == [0, 1, 2]
    other = set(portions(data, asked(0.2, 4))["validation"].places.tolist())
    assert other != held
    assert not len(portions(data, asked(0.0, 3))["validation"].places)


def test_portions_are_those_of_a_run_with_few_images_of_each_class():
    data = numbered(90, 3)
    recipe = asked(0.2, 3, images_per_class=10)
    learned, held = learned_from(data.train, recipe)
    parts = portions(data, recipe)
    for name, wanted in (("train", learned), ("validation", held)):
        assert torch.equal(data.train.images[parts[name].places], wanted.images)
    assert len(learned) + len(held) == 30


def test_rows_show_examples_of_their_own_class():
    data = numbered(90, 3)
    frame = shown(data)
    assert [row["label"] for row in frame["rows"]] == [0, 1, 2]
    places = np.concatenate([row["places"] for row in frame["rows"]])
    assert np.array_equal(places % 3, np.repeat([0, 1, 2], PER_ROW))
    assert np.abs(pictures(frame)[: len(places)] - places % 251).max() <= 2
    assert {name: counts.tolist() for name, counts in frame["counts"].items()} == {
        "train": [24] * 3,
        "validation": [6] * 3,
        "test": [1] * 3,
    }
    again = np.concatenate([row["places"] for row in shown(data, draw=1)["rows"]])
    assert not np.array_equal(again, places)


def test_the_pages_of_a_class_hold_each_of_its_images_once():
    data = numbered(3 * PER_PAGE * 2, 3)
    frames = [shown(data, label=1, page=page) for page in range(2)]
    assert [frame["pages"] for frame in frames] == [2, 2]
    places = np.concatenate([frame["rows"][0]["places"] for frame in frames])
    own = portions(data, asked(0.2, 3))["train"]
    assert places.tolist() == own.places[own.labels == 1].tolist()
    assert shown(data, label=1, page=99)["page"] == 1
    assert len(frames[0]["rows"][0]["places"]) == PER_PAGE
    assert np.abs(pictures(frames[1])[:8] - frames[1]["rows"][0]["places"][:8] % 251).max() <= 2


def test_many_classes_come_page_by_page():
    data = numbered(60, 30)
    frames = [shown(data, page=page) for page in range(3)]
    labels = [row["label"] for frame in frames for row in frame["rows"]]
    assert labels == list(range(30))
    assert frames[0]["pages"] == 3
    assert len(frames[0]["rows"]) == ROWS


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_and_large_images(channels):
    frame = shown(numbered(12, 2, channels=channels, side=200))
    assert frame["size"] == [channels, 200, 200]
    assert frame["side"] == 96


def test_nothing_to_show():
    data = numbered(12, 2)
    empty = wall_frame(
        portions(data, asked(0.0, 0)), data.classes, shown="validation", label=None, page=0, draw=0
    )
    assert not len(empty["sheet"])
    assert unpack(pack(empty))["rows"][0]["places"].tolist() == []


# --- twins ------------------------------------------------------------------------------------------------


def noise(seed):
    return torch.randint(
        0, 256, (3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed)
    )


def doubled():
    """Three of one picture in training, two of them under another class; one of the test is there, too."""
    train = torch.stack([noise(0), noise(1), noise(0), noise(2), noise(0), noise(3), noise(3)])
    test = torch.stack([noise(4), noise(2)])
    return Dataset(
        Split(train, torch.tensor([0, 0, 1, 1, 1, 0, 0])), Split(test, torch.tensor([0, 1])), ("a", "b"), ""
    )


def test_twins_by_kind():
    data = doubled()
    found = duplicates_of(data)
    leaks, conflicts, repeats = (
        unpack(pack(twins_frame(data, found, kind=kind, page=0)))
        for kind in ("leaks", "conflicts", "repeats")
    )
    assert leaks["totals"] == {"leaks": 1, "conflicts": 1, "repeats": 2}
    (leak,) = leaks["groups"]
    assert leak["exact"]
    assert leak["members"] == [
        {"part": "train", "place": 3, "label": "b"},
        {"part": "test", "place": 1, "label": "b"},
    ]
    (conflict,) = conflicts["groups"]
    assert [(one["place"], one["label"]) for one in conflict["members"]] == [(0, "a"), (2, "b"), (4, "b")]
    assert sorted(len(group["members"]) for group in repeats["groups"]) == [2, 3]


def test_a_large_group_keeps_one_of_the_test_in_sight():
    count = 9
    data = Dataset(
        Split(noise(0).repeat(count, 1, 1, 1), torch.zeros(count, dtype=torch.int64)),
        Split(noise(0)[None], torch.tensor([1])),
        ("a", "b"),
        "",
    )
    frame = twins_frame(data, duplicates_of(data), kind="leaks", page=7)
    (group,) = frame["groups"]
    assert frame["page"] == 0
    assert [one["part"] for one in group["members"]] == ["train"] * (TWINS_SHOWN - 1) + ["test"]
    assert group["more"] == count + 1 - TWINS_SHOWN


def test_twins_page_by_page():
    count = TWINS_PER_PAGE + 3
    images = torch.stack([noise(place // 2) for place in range(2 * count)])
    data = Dataset(
        Split(images, torch.zeros(2 * count, dtype=torch.int64)),
        Split(noise(999)[None], torch.tensor([0])),
        ("a",),
        "",
    )
    found = duplicates_of(data)
    frames = [twins_frame(data, found, kind="repeats", page=page) for page in range(2)]
    assert [len(frame["groups"]) for frame in frames] == [TWINS_PER_PAGE, 3]
    firsts = [group["members"][0]["place"] for frame in frames for group in frame["groups"]]
    assert sorted(firsts) == list(range(0, 2 * count, 2))
