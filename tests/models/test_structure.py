"""The landmarks' structure: what the tracer measures, against torchvision's metadata, hooks, and papers."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from explainer.errors import ReaderError
from explainer.models.architectures import ARCHITECTURES, architecture
from explainer.models.networks import build
from explainer.models.published import construct
from explainer.models.structure import blueprint, cut, depth, measure, published
from explainer.tracing import cost, trace

KEYS = [one.key for one in ARCHITECTURES]
PHOTOS = [key for key in KEYS if key != "lenet5"]


@pytest.fixture(scope="module")
def traces():
    return {key: blueprint(key) for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_what_the_table_says_is_what_the_tracer_measures(traces, key):
    assert measure(traces[key]) == architecture(key).structure


@pytest.mark.parametrize("key", PHOTOS)
def test_published_figures_are_those_of_the_metadata(key):
    assert [vars(one) for one in architecture(key).published] == list(published(key))


@pytest.mark.parametrize("key", PHOTOS)
def test_parameters_and_multiply_adds_agree_with_torchvision(key):
    structure = architecture(key).structure
    for weights in architecture(key).published:
        assert weights.gmacs == pytest.approx(structure.multiply_adds / 1e9, abs=0.00051)
        if key != "inception_v3":
            assert weights.parameters == structure.parameters


def test_inception_is_counted_without_the_classifier_that_only_training_uses():
    import torchvision

    with torch.device("meta"):
        whole = torchvision.models.inception_v3(init_weights=False)
    auxiliary = sum(parameter.numel() for parameter in whole.AuxLogits.parameters())
    (weights,) = architecture("inception_v3").published
    assert weights.parameters - auxiliary == architecture("inception_v3").structure.parameters


@pytest.mark.parametrize(
    ("key", "millions"), [("alexnet", 61.1), ("vgg16", 138.4), ("resnet50", 25.6), ("lenet5", 0.1)]
)
def test_known_numbers_of_parameters(key, millions):
    assert round(architecture(key).structure.parameters / 1e6, 1) == millions


@pytest.mark.parametrize(
    ("key", "layers"),
    [
        ("lenet5", 5),
        ("alexnet", 8),
        ("vgg16", 16),
        ("googlenet", 22),
        ("resnet18", 18),
        ("resnet50", 50),
        ("densenet121", 121),
    ],
)
def test_depth_is_what_the_names_say(traces, key, layers):
    assert depth(traces[key]) == layers


@pytest.mark.parametrize("key", ["resnet18", "mobilenet_v3_large", "convnext_tiny"])
def test_multiply_adds_are_those_of_the_flop_counter(key):
    with torch.device("meta"):
        model = construct(key).eval()
        images = torch.empty(1, 3, 224, 224)
    with FlopCounterMode(display=False) as counter:
        model(images)
    assert counter.get_total_flops() == 2 * architecture(key).structure.multiply_adds


def test_a_trace_without_numbers_says_what_one_with_numbers_says():
    model = build("lenet5").eval()
    real, drawn = trace(model, torch.rand(1, 1, 32, 32)), blueprint("lenet5")
    assert [(n.name, n.kind, n.shape) for n in drawn.nodes] == [(n.name, n.kind, n.shape) for n in real.nodes]
    assert list(cost(drawn).values()) == list(cost(real).values())


def test_activations_are_outputs_of_convolutions_and_linear_layers():
    by_hand = 6 * 28 * 28 + 16 * 10 * 10 + 120 + 84 + 10
    assert architecture("lenet5").structure.activations == by_hand


@pytest.mark.parametrize("key", KEYS)
def test_blocks_hold_every_operation_once_and_all_the_costs(traces, key):
    recorded = traces[key]
    assert [node for nodes in cut(recorded) for node in nodes] == list(recorded.nodes)
    structure = architecture(key).structure
    assert sum(block.parameters for block in structure.blocks) == structure.parameters
    assert sum(block.multiply_adds for block in structure.blocks) == structure.multiply_adds
    assert len({block.name for block in structure.blocks}) == len(structure.blocks)


def test_blocks_are_the_modules_one_speaks_of():
    kinds = [block.kind for block in architecture("resnet50").structure.blocks]
    assert kinds.count("Bottleneck") == 3 + 4 + 6 + 3
    assert [block.kind for block in architecture("googlenet").structure.blocks].count("Inception") == 9


def test_another_size_changes_maps_and_work_but_no_parameters():
    small, large = (measure(blueprint("resnet18", (side, side))) for side in (224, 448))
    assert large.parameters == small.parameters
    linear = 512 * 1000
    assert large.multiply_adds - linear == 4 * (small.multiply_adds - linear)


@pytest.mark.parametrize("side", [28, 36, 3])
def test_a_size_that_does_not_go_through_is_told(side):
    with pytest.raises(ReaderError, match=f"{side} × {side} pixels does not go through LeNet-5"):
        blueprint("lenet5", (side, side))
