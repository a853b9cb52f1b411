"""What is said of a data set before training, against data sets made to have exactly that fault."""

import io
import itertools
import math
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from explainer.training.checks import (
    Checks,
    Twins,
    balance_of,
    check,
    cleaned,
    duplicates_of,
    examples_of,
    findings,
    moments_of,
)
from explainer.training.data import Dataset, Split


def dataset(images, labels, train, classes=("cat", "dog", "owl")):
    labels = torch.as_tensor(labels)
    return Dataset(
        Split(images[:train], labels[:train]), Split(images[train:], labels[train:]), classes, "made"
    )


def smooth(count, side=32, seed=0):
    """Pictures with large forms, like photographs: uint8 [count, 3, side, side]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 7, 7, generator=generator)
    images = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    return (images * 255).byte()


def jpeg(image, quality):
    buffer = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(buffer, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1)


def smaller(image):
    side = image.shape[-1]
    picture = (
        Image.fromarray(image.permute(1, 2, 0).numpy()).resize((side * 3 // 4,) * 2).resize((side, side))
    )
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)


def brighter(image):
    return (image.float() * 0.9 + 20).byte()


def test_moments_are_those_of_all_pixels():
    images = smooth(37, 20)
    pixels = images.double().permute(1, 0, 2, 3).flatten(1) / 255
    found = moments_of(images)
    assert found.mean == pytest.approx(pixels.mean(1).tolist(), rel=1e-12)
    assert found.std == pytest.approx(pixels.std(1, correction=0).tolist(), rel=1e-12)


def test_moments_by_hand():
    images = torch.tensor([0, 0, 0, 255], dtype=torch.uint8).reshape(1, 1, 2, 2)
    found = moments_of(images)
    assert found.mean == (0.25,)
    assert found.std == pytest.approx((math.sqrt(3) / 4,), rel=1e-15)
    assert moments_of(torch.full((3, 3, 5, 5), 77, dtype=torch.uint8)).std == (0.0, 0.0, 0.0)


def test_balance():
    labels = [0] * 6 + [1] * 2 + [2] * 3 + [0] * 1 + [1] * 3
    found = balance_of(dataset(smooth(15), labels, train=11))
    assert (found.train, found.test) == ((6, 2, 3), (1, 3, 0))
    assert found.ratio == 3.0
    assert found.majority == 0.25
    lacking = balance_of(dataset(smooth(4), [0, 0, 1, 1], train=4))
    assert (lacking.ratio, lacking.majority) == (math.inf, 0.0)


def test_examples_are_of_their_class_and_drawn_by_the_seed():
    labels = torch.arange(90) % 3
    labels[:60] = 0
    split = Split(smooth(1).expand(90, -1, -1, -1), labels)
    found = examples_of(split, 4, 8, 0)
    assert [len(row) for row in found] == [8, 8, 8, 0]
    for label, row in enumerate(found):
        assert len(set(row)) == len(row)
        assert all(labels[place] == label for place in row)
    assert found == examples_of(split, 4, 8, 0) != examples_of(split, 4, 8, 1)
    assert len(examples_of(split, 4, 50, 0)[1]) == 10


def test_the_same_pixels_are_found_wherever_they_are():
    images = smooth(12)
    images[3] = images[0]  # a repeat
    images[5] = images[1]  # a conflict
    images[10] = images[2]  # a leak
    labels = [0, 0, 1, 0, 1, 1, 2, 2, 2, 0, 1, 2]
    found = duplicates_of(dataset(images, labels, train=9))
    assert set(found.groups) == {
        Twins((0, 3), (), (0,), exact=True),
        Twins((1, 5), (), (0, 1), exact=True),
        Twins((2,), (1,), (1,), exact=True),
    }
    assert found.complete
    assert found.leaks == (Twins((2,), (1,), (1,), exact=True),)
    assert found.conflicts == (Twins((1, 5), (), (0, 1), exact=True),)
    assert {one.train for one in found.repeats} == {(0, 3), (1, 5)}


@pytest.mark.parametrize("change", [lambda image: jpeg(image, 80), smaller, brighter], ids="jsb")
def test_nearly_the_same_is_found(change):
    images = smooth(60)
    changed = torch.stack([change(image) for image in images[:20]])
    assert not torch.equal(changed, images[:20])
    found = duplicates_of(dataset(torch.cat([images, changed]), [0] * 80, train=60))
    expected = {Twins((place,), (place,), (0,), exact=False) for place in range(20)}
    assert len(expected & set(found.groups)) >= 19
    assert set(found.groups) <= expected


def test_different_pictures_are_not_taken_for_the_same():
    assert not duplicates_of(dataset(smooth(2000), torch.arange(2000) % 3, train=1500)).groups
    plain = torch.arange(100, dtype=torch.uint8).reshape(100, 1, 1, 1).expand(-1, 3, 16, 16)
    assert not duplicates_of(dataset(plain, [0] * 100, train=50)).groups


def test_near_pairs_are_those_that_comparing_all_with_all_finds():
    images = smooth(400)
    generator = torch.Generator().manual_seed(1)
    grain = torch.randn(len(images), 3, 32, 32, generator=generator) * 6
    images = torch.cat([images, (images + grain).clamp(0, 255).byte()])
    found = duplicates_of(dataset(images, [0] * 800, train=800))
    pairs = {tuple(one.train) for one in found.groups}

    grey = images.float().mean(1, keepdim=True)
    coarse = torch.nn.functional.interpolate(grey, (8, 9), mode="bilinear", antialias=True)[:, 0]
    bits = (coarse.diff(dim=2) > 1).flatten(1).int()
    detail = torch.nn.functional.interpolate(images.float(), (16, 16), mode="bilinear", antialias=True)
    correlation = torch.corrcoef(detail.flatten(1))
    expected = set()
    for one, other in itertools.combinations(range(800), 2):
        if other - one == 400 or correlation[one, other] > 0.98:
            differ = int((bits[one] != bits[other]).sum())
            if differ <= 5 and correlation[one, other] >= 0.98:
                expected.add((one, other))
    assert len(expected) > 300
    assert len(pairs & expected) >= 0.99 * len(expected)
    assert pairs <= expected


def test_a_group_is_alike_with_its_first_and_no_chain():
    left, right = smooth(2, seed=3).float()
    images = torch.stack([(left * (1 - t) + right * t).byte() for t in torch.linspace(0, 1, 40)])
    found = duplicates_of(dataset(images, [0] * 40, train=40))
    assert found.groups
    detail = torch.nn.functional.interpolate(images.float(), (16, 16), mode="bilinear", antialias=True)
    correlation = torch.corrcoef(detail.flatten(1))
    for group in found.groups:
        assert all(correlation[group.train[0], one] > 0.979 for one in group.train[1:])
    assert len(found.groups) > 1


def test_thousands_of_the_same_picture_are_one_group():
    images = smooth(1).expand(5000, -1, -1, -1)
    (group,) = duplicates_of(dataset(images, [0] * 5000, train=4000)).groups
    assert (len(group.train), len(group.test), group.exact) == (4000, 1000, True)


def test_thousands_of_nearly_the_same_picture_are_not_all_compared():
    generator = torch.Generator().manual_seed(0)
    grain = torch.randint(0, 3, (3000, 3, 16, 16), generator=generator, dtype=torch.uint8)
    found = duplicates_of(dataset(smooth(1, 16) // 2 + grain, [0] * 3000, train=3000))
    assert found.groups
    assert not any(one.exact for one in found.groups)
    assert not found.complete


def test_cleaning_leaves_one_of_each_and_the_test_as_it_is():
    images = smooth(12)
    images[3] = images[0]
    images[5] = images[1]
    images[10] = images[2]
    images[11] = brighter(images[4])
    labels = [0, 0, 1, 0, 1, 1, 2, 2, 2, 0, 1, 1]
    data = dataset(images, labels, train=9)
    found = duplicates_of(data)
    clean = cleaned(data, found)
    kept = [0, 4, 6, 7, 8]
    assert torch.equal(clean.train.images, images[kept])
    assert clean.train.labels.tolist() == [labels[place] for place in kept]
    assert clean.test is data.test
    assert "4 repeated" in clean.description
    assert len(cleaned(data, found, near=True).train) == 4
    assert not duplicates_of(cleaned(data, found, near=True)).groups


def test_what_is_said():
    images = smooth(40)
    labels = [0] * 20 + [1] * 4 + [2] * 6 + [0] * 8 + [1, 2]
    images[21] = images[0]
    images[39] = images[29]
    said = findings(check(dataset(images, labels, train=30)), ("cat", "dog", "owl"))
    assert [text.partition(":")[0] for text in said] == [
        "1 test images are, exactly or nearly, among the training images, too",
        "1 pictures are there, exactly or nearly, under several classes",
        "1 training images repeat others, exactly or nearly",
        "cat has 5.0 times as many training images as dog",
        "Always saying cat is right for 80% of the test images",
    ]
    assert said[3].translated(lambda text: f"<{text}>").startswith("<cat has 5.0")


def test_nothing_is_said_of_a_data_set_without_faults():
    checks = check(dataset(smooth(40), torch.arange(40) % 3, train=30), per_class=2)
    assert isinstance(checks, Checks)
    assert [len(row) for row in checks.examples] == [2, 2, 2]
    assert checks.moments == moments_of(smooth(40)[:30])
    assert not findings(checks, ("cat", "dog", "owl"))


def test_grey_images_and_no_test_images():
    images = smooth(6)[:, :1]
    images[1] = images[0]
    (group,) = check(dataset(images, [0, 0, 1, 1, 2, 2], train=6)).duplicates.groups
    assert group == Twins((0, 1), (), (0,), exact=True)


def test_known_near_duplicates_of_cifar10(data_folder):
    """Barz and Denzler (2020, Do we train on test data?): the test has automobiles of the training."""
    found = []
    with zipfile.ZipFile(data_folder / "cifar10.zip") as archive:
        for part in ("train", "test"):
            names = sorted(name for name in archive.namelist() if name.startswith(f"{part}/automobile/"))
            pictures = [np.array(Image.open(io.BytesIO(archive.read(name)))) for name in names]
            found.append(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2))
    train, test = found
    duplicates = duplicates_of(dataset(torch.cat(found), [0] * (len(train) + len(test)), len(train)))
    assert duplicates.complete
    assert 3 <= len(duplicates.leaks) <= 30
    for group in duplicates.leaks:
        one, other = train[group.train[0]].double(), test[group.test[0]].double()
        assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1] > 0.9


def test_photographs_saved_again_with_losses(data_folder):
    from explainer.training.data import load_dataset

    images = load_dataset("tiny_imagenet_10", data_folder).test.images[::5]
    changed = torch.stack([jpeg(image, 50) for image in images])
    found = duplicates_of(dataset(torch.cat([images, changed]), [0] * 200, train=100))
    expected = {Twins((place,), (place,), (0,), exact=False) for place in range(100)}
    assert set(found.groups) <= expected
    assert len(found.groups) >= 95
