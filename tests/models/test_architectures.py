"""What is told of the landmarks, without PyTorch."""

import subprocess
import sys

import pytest

from explainer.models.architectures import ARCHITECTURES, architecture, digit_accuracy, pareto
from explainer.models.entries import find

WANTED = (
    "lenet5 alexnet vgg16 googlenet resnet18 resnet50 densenet121 mobilenet_v2 mobilenet_v3_large "
    "efficientnet_b0 convnext_tiny"
)


def test_all_landmarks_are_there_by_year_and_can_be_opened():
    keys = [one.key for one in ARCHITECTURES]
    assert set(WANTED.split()) <= set(keys)
    assert [one.year for one in ARCHITECTURES] == sorted(one.year for one in ARCHITECTURES)
    for key in keys:
        assert find(key).size == architecture(key).structure.size


def test_ideas_are_taken_up_from_earlier_ones():
    years = {one.key: one.year for one in ARCHITECTURES}
    for one in ARCHITECTURES:
        assert all(years[source] <= one.year for source in one.builds_on)
        assert one.key not in one.builds_on


def test_every_one_names_its_paper_and_the_source_of_its_accuracy():
    for one in ARCHITECTURES:
        assert one.authors
        assert one.paper
        assert str(one.year)[:2] in one.venue
        assert all("_Weights.IMAGENET1K_V" in weights.name for weights in one.published)
        assert bool(one.published) == (one.key != "lenet5")


def test_lenet_was_measured_on_digits():
    accuracy, count = digit_accuracy()
    assert 0.98 < accuracy < 1
    assert count == 1000


def test_the_pareto_front_keeps_who_is_not_beaten():
    points = [("a", 1, 50), ("b", 2, 60), ("c", 3, 55), ("d", 2, 58), ("e", 4, 60), ("f", 5, 70)]
    assert pareto(points) == ("a", "b", "f")
    assert pareto([]) == ()


@pytest.mark.parametrize("module", ["explainer.models.architectures", "explainer.render.architecture_board"])
def test_the_facts_need_no_pytorch(module):
    code = f"import sys, {module} as m; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
