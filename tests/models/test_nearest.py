"""Weights without a name: which network are they of?"""

import numpy as np
import pytest
import torch

from explainer.models.building import skeleton
from explainer.models.entries import catalog
from explainer.models.fingerprinting import row, shapes_of
from explainer.models.nearest import FINGERPRINTS, compare, estimates, nearest_architectures
from explainer.models.published import construct


def weights_of(key: str, classes: int | None = None) -> dict[str, torch.Tensor]:
    return skeleton(lambda: construct(key, classes)).state_dict()


@pytest.mark.parametrize(
    ("key", "classes"),
    [
        ("tiny_vgg", None),
        ("lenet5", 7),
        ("resnet20", 3),
        ("resnet18", None),
        ("resnet34", 5),
        ("densenet121", 2),
        ("squeezenet1_1", 4),
        ("mobilenet_v3_small", 9),
        ("timm:repvgg_a0", None),
        ("timm:seresnet50", 6),
        ("timm:ghostnet_100", None),
    ],
)
def test_a_network_is_recognised_with_its_own_or_another_head(key, classes):
    best = nearest_architectures(weights_of(key, classes))[0]
    assert (best.key, best.share, best.outputs) == (key, 1.0, classes)


@pytest.mark.slow
def test_every_architecture_that_a_page_offers_is_estimated_to_be_itself():
    for entry in catalog()[::7]:
        found = estimates(shapes_of(entry.key))
        assert found[entry.key] == pytest.approx(max(found.values())), entry.key


@pytest.mark.slow
def test_networks_of_the_catalogue_are_recognised_with_another_head():
    for entry in catalog()[5::12]:
        best = nearest_architectures(weights_of(entry.key, 7))[0]
        assert (best.share, best.outputs) == (1.0, 7), entry.key
        assert best.key.removeprefix("timm:") == entry.key.removeprefix("timm:")


def test_the_share_is_that_of_all_tensors_that_either_has():
    own, other = weights_of("resnet18"), weights_of("resnet34")
    names = {name for name in own if not name.endswith("num_batches_tracked")}
    others = {name for name in other if not name.endswith("num_batches_tracked")}
    same = sum(own[name].shape == other[name].shape for name in names & others)
    assert compare("resnet34", own).share == pytest.approx(same / len(names | others))
    ranked = nearest_architectures(own, 6)
    assert [one.share for one in ranked] == sorted((one.share for one in ranked), reverse=True)


def test_wrappers_and_old_names_do_not_hide_a_network():
    wrapped = {f"backbone.{name}": tensor for name, tensor in weights_of("resnet18", 3).items()}
    assert nearest_architectures(wrapped)[0].key == "resnet18"
    old = {
        name.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): tensor
        for name, tensor in weights_of("densenet121").items()
    }
    assert (nearest_architectures(old)[0].key, nearest_architectures(old)[0].share) == ("densenet121", 1.0)
    trained = weights_of("googlenet") | {"aux1.fc1.weight": torch.empty(1024, 2048)}
    assert nearest_architectures(trained)[0].share == 1.0


def test_a_changed_network_is_still_most_like_itself():
    weights = weights_of("resnet18") | {"conv1.weight": torch.empty(64, 3, 3, 3)}
    best = nearest_architectures(weights)[0]
    assert best.key == "resnet18"
    assert 0.95 < best.share < 1


def test_strangers_are_like_nothing():
    assert nearest_architectures({"a.weight": torch.empty(3, 5)}) == []
    assert nearest_architectures({}) == []


def test_the_fingerprints_are_small_and_not_stale():
    import timm
    import torchvision

    with np.load(FINGERPRINTS, allow_pickle=False) as file:
        table = {
            key: (int(count), sketch)
            for key, count, sketch in zip(file["keys"], file["counts"], file["sketches"], strict=True)
        }
    advice = "run python -m explainer.models.fingerprinting"
    assert FINGERPRINTS.stat().st_size < 1_000_000
    bundled = [entry.key for entry in catalog() if entry.bundled]
    names = torchvision.models.list_models(module=torchvision.models)
    assert list(table) == [*bundled, *names, *(f"timm:{name}" for name in timm.list_models())], advice
    for key in (*bundled, "resnet18", "swin_t", "timm:lcnet_050", "timm:vit_tiny_patch16_224"):
        count, sketch = row(shapes_of(key))
        assert count == table[key][0], advice
        assert np.array_equal(sketch, table[key][1]), advice
