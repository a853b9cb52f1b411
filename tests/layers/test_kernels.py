"""Filters against what PyTorch computes with them, and their figures against numpy."""

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from tracing.zoo import zoo

from explainer.layers.kernels import batch_norm_behind, kernels
from explainer.models import load_model
from explainer.tracing import trace

ZOO = zoo()


def outputs_of_filters(node, found) -> torch.Tensor:
    """Work the layer out filter by filter, each on the input channels that it is said to read."""
    source = node.inputs[0].output
    if node.kind == "linear":
        return torch.stack(
            [(source * w.flatten()).sum(-1) for w in found.weight], -1
        ) + (0 if found.bias is None else found.bias)  # fmt: skip
    flat = source.ndim == 3
    source = source[:, :, None] if flat else source
    names = ("stride", "padding", "dilation", "output_padding")
    options = {name: node.arguments[name] for name in names if name in node.arguments}
    if flat:
        options = {k: ((0 if "padding" in k else 1), *v) for k, v in options.items()}
    rows = []
    for number, weight in enumerate(found.weight):
        part = source[:, list(found.inputs(number))]
        if found.transposed:
            rows.append(F.conv_transpose2d(part, weight[:, None], **options))
        else:
            rows.append(F.conv2d(part, weight[None], **options))
    result = torch.cat(rows, 1)
    if found.bias is not None:
        result = result + found.bias[:, None, None]
    return result[:, :, 0] if flat else result


def filters_agree(node) -> bool:
    """Whether the node has filters; they make its output, and their figures are numpy's."""
    found = kernels(node)
    if found is None:
        return False
    made = outputs_of_filters(node, found)
    assert torch.allclose(made, node.output, rtol=1e-4, atol=1e-4 * max(1.0, float(node.output.abs().max())))
    rows = found.weight.double().numpy().reshape(len(found.weight), -1)
    assert np.allclose(found.l1, np.abs(rows).sum(1), rtol=1e-4)
    assert np.allclose(found.l2, np.linalg.norm(rows, axis=1), rtol=1e-4)
    if len(rows) > 1:
        chosen = len(rows) // 2
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = rows @ rows[chosen] / np.linalg.norm(rows, axis=1) / np.linalg.norm(rows[chosen])
        cosine = np.nan_to_num(np.delete(cosine, chosen))
        nearest = found.nearest(chosen, 4)
        assert chosen not in [other.filter for other in nearest]
        expected = np.sort(cosine)[::-1][: len(nearest)]
        assert np.allclose([other.cosine for other in nearest], expected, atol=1e-4)
    return True


@pytest.mark.parametrize("name", ["convolutions", "one_dimension", "squeeze_excite", "reused", "weight_norm"])
def test_filters_of_the_zoo(name):
    model, images = ZOO[name]
    nodes = trace(model, images[0], *images[1:]).nodes
    assert any(filters_agree(node) for node in nodes) or name == "weight_norm"


@pytest.mark.parametrize("name", sorted(ZOO))
def test_nothing_of_the_zoo_is_refused_with_an_exception(name):
    model, images = ZOO[name]
    for node in trace(model, images[0], *images[1:]).nodes:
        kernels(node)


def test_volumes_have_no_pictures():
    model, images = ZOO["volume"]
    assert kernels(trace(model, images[0])["0"]) is None


@pytest.mark.parametrize(
    ("name", "size", "forms"),
    [
        ("mobilenet_v3_small", 32, {"rgb", "depthwise", "pointwise", "linear"}),
        ("shufflenet_v2_x0_5", 64, {"rgb", "depthwise", "pointwise", "linear"}),
        ("resnet18", 32, {"rgb", "spatial", "pointwise", "linear"}),
    ],
)
def test_architectures(name, size, forms):
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)().eval()
    recorded = trace(model, torch.randn(1, 3, size, size))
    found = {node: kernels(node) for node in recorded.nodes}
    assert {layer.form for layer in found.values() if layer} == forms
    assert next(layer.form for layer in found.values() if layer) == "rgb"
    with_weights = [node for node, layer in found.items() if layer]
    for node in [*with_weights[:4], *with_weights[-2:]]:
        assert filters_agree(node)


def test_the_bundled_networks_look_at_colours_first():
    for key, form in (("tiny_vgg", "rgb"), ("resnet20", "rgb"), ("lenet5", "spatial")):
        loaded = load_model(key)
        recorded = trace(loaded.model, torch.rand(1, *_shape(loaded)))
        assert next(found.form for found in map(kernels, recorded.nodes) if found) == form


def _shape(loaded):
    from PIL import Image

    return loaded.preprocessing.apply(Image.new("RGB", (64, 64))).shape[1:]


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("layer", [nn.Conv2d, nn.ConvTranspose2d])
def test_folding_the_batch_normalisation_changes_nothing(layer, bias, affine):
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(6, affine=affine)
    for values in (norm.running_mean, norm.running_var, norm.weight, norm.bias):
        if values is not None:
            nn.init.uniform_(values, 0.5, 2)
    model = nn.Sequential(layer(4, 6, 3, groups=2, bias=bias), norm).eval()
    recorded = trace(model, torch.randn(1, 4, 7, 7))
    behind = batch_norm_behind(recorded, recorded["0"])
    assert behind is recorded["1"]
    folded = kernels(recorded["0"]).folded(behind)
    assert torch.allclose(outputs_of_filters(recorded["0"], folded), behind.output, atol=1e-5)


def test_a_normalisation_is_folded_only_where_nobody_else_reads_the_layer():
    model, images = ZOO["residual"]
    recorded = trace(model, images[0])
    for node in recorded.nodes:
        behind = batch_norm_behind(recorded, node)
        assert behind is None or behind.inputs == (node,)
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2, track_running_stats=False)).eval()
    recorded = trace(model, torch.rand(1, 1, 4, 4))
    assert batch_norm_behind(recorded, recorded["0"]) is None


def test_even_and_odd_kernels():
    layer = nn.Conv2d(1, 4, 3, bias=False)
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    blur = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
    with torch.no_grad():
        layer.weight.copy_(torch.stack([sobel, blur, sobel + blur, torch.zeros(3, 3)])[:, None])
    found = kernels(trace(layer.eval(), torch.rand(1, 1, 5, 5)).nodes[1])
    energy = float(blur.square().sum() / (blur.square().sum() + sobel.square().sum()))
    assert found.evenness.tolist() == pytest.approx([0, 1, energy, 0])
    assert kernels(trace(nn.Conv2d(1, 2, 1), torch.rand(1, 1, 3, 3)).nodes[1]).evenness is None


def test_similarity_sees_copies_and_opposites():
    layer = nn.Linear(5, 4, bias=False)
    with torch.no_grad():
        layer.weight[1] = 3 * layer.weight[0]
        layer.weight[2] = -layer.weight[0]
        layer.weight[3] = 0
    found = kernels(trace(layer, torch.rand(1, 5)).nodes[1])
    nearest = found.nearest(0)
    assert nearest[0].filter == 1
    assert nearest[0].cosine == pytest.approx(1)
    assert nearest[-1].filter == 2
    assert nearest[-1].cosine == pytest.approx(-1)
    assert len(found.nearest(0, 2)) == 2


def test_the_model_keeps_its_weights():
    model, images = ZOO["convolutions"]
    before = [p.clone() for p in model.parameters()]
    for node in trace(model, images[0]).nodes:
        found = kernels(node)
        if found:
            assert not found.weight.requires_grad
            assert found.l2 is not None
            assert found.evenness is not None or found.weight.shape[2:] == (1, 1)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
