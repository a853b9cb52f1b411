"""What a model card says is shown; what a stranger's says amiss is left out."""

import pytest

from explainer.ui.about import _accuracies


def test_every_split_is_told():
    card = {"accuracy": {split: {"top1": 0.5, "count": 1200} for split in ("test", "validation", "train")}}
    assert _accuracies(card) == dict.fromkeys(("train", "validation", "test"), "50.0% (1,200)")


@pytest.mark.parametrize(
    "told", [None, 0.9, "good", ["test"], {"test": 0.9}, {"test": {"top1": "high", "count": 3}}, {"test": []}]
)
def test_what_is_no_accuracy_is_left_out(told):
    assert _accuracies({"accuracy": told}) == {}
