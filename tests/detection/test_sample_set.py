"""The scenes to begin with: always the same, with what is on them where the labels say."""

import numpy as np

from explainer.detection.coco import COCO
from explainer.detection.labelled import class_map
from explainer.detection.sample_set import CLASSES, _scene, sample_set


def test_the_scenes_are_always_the_same() -> None:
    before = [one.load() for one in sample_set().pictures[:20:6]]
    _scene.cache_clear()
    for old, one in zip(before, sample_set().pictures[:20:6], strict=True):
        assert (old == one.load()).all()


def test_every_class_is_there_and_every_box_inside() -> None:
    given = sample_set()
    assert len(given) == 24
    seen = np.bincount(np.concatenate([one.labels for one in given.pictures]), minlength=len(CLASSES))
    assert dict(zip(CLASSES, seen.tolist(), strict=True))["face"] >= 20
    assert (seen > 0).all()
    for one in given.pictures:
        assert (one.shares >= 0).all()
        assert (one.shares <= 1).all()
        assert (one.shares[:, 2:] > one.shares[:, :2]).all()
    assert len(given.pictures[-1].labels) == 0


def test_what_is_handed_out_may_be_changed() -> None:
    one = sample_set().pictures[0]
    one.load()[:] = 0
    assert one.load().any()


def test_detectors_of_coco_know_their_classes_in_it() -> None:
    found = class_map(sample_set(), COCO)
    assert [COCO[place] for place in found.known] == ["person", "cat", "cup", "spoon"]
    assert found.unmatched == CLASSES[:3]


def test_a_face_is_where_the_label_says() -> None:
    """Skin is red above blue; what surrounds the astronaut's face in the tightest portrait is less so."""
    one = max(sample_set().pictures[:12], key=lambda one: one.shares[0, 2] - one.shares[0, 0])
    pixels = one.load().astype(float)
    left, top, right, bottom = one.truth(one.load()).boxes[0].astype(int)
    warmth = pixels[..., 0] - pixels[..., 2]
    assert warmth[top:bottom, left:right].mean() > 1.5 * warmth.mean()
