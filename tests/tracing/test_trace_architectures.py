"""Real architectures: complete traces that replay to the same bits."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

from explainer.tracing import Trace, replay, trace

TORCHVISION = """
alexnet vgg16_bn squeezenet1_1 googlenet inception_v3 resnet18 resnet50 resnext50_32x4d densenet121
mobilenet_v2 mobilenet_v3_large shufflenet_v2_x1_0 mnasnet1_0 efficientnet_b0 regnet_y_400mf
convnext_tiny wide_resnet50_2 swin_t
""".split()
TIMM = """
repvgg_a0 ghostnet_100 hrnet_w18_small mobilenetv4_conv_small cspresnet50 efficientvit_b0
resnetv2_50 darknet53 vit_tiny_patch16_224 swin_tiny_patch4_window7_224
""".split()
QUICK = ("alexnet", "squeezenet1_1", "resnet18", "mobilenet_v3_large", "shufflenet_v2_x1_0")


def build(name: str) -> tuple[nn.Module, torch.Tensor]:
    """The network with random weights and batch statistics, and an image for it."""
    torch.manual_seed(0)
    if name in TORCHVISION:
        import torchvision

        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model = getattr(torchvision.models, name)(weights=None, **options)
    else:
        timm = pytest.importorskip("timm")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = timm.create_model(name, pretrained=False)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    size = 224 if "vit_tiny" in name or "swin" in name else 75 if name == "inception_v3" else 64
    return model.eval(), torch.randn(1, 3, size, size)


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in TORCHVISION + TIMM],
)
def test_trace_is_complete_true_and_harmless(name: str) -> None:
    model, image = build(name)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    random = torch.get_rng_state()
    recorded = trace(model, image)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    with torch.no_grad():
        expected = model(image)
    assert torch.equal(recorded.output.output, expected)
    assert recorded.output is recorded.nodes[-1]
    _check_module_outputs(model, image, recorded)
    for node in recorded.nodes:
        assert node.kind != "constant", f"{node} has an unknown origin"
        assert not any(key.startswith("arg") for key in node.arguments), node
        assert torch.equal(replay(node), node.output), node


def _check_module_outputs(model: nn.Module, image: torch.Tensor, recorded: Trace) -> None:
    """Compare with plain hooks on the same network with in-place operations of modules switched off."""
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # type: ignore[assignment]
    names = {node.name for node in recorded.nodes}
    counts: dict[str, int] = {}
    different = []

    def compare(path: str, output: object) -> None:
        counts[path] = counts.get(path, 0) + 1
        name = path if counts[path] == 1 else f"{path}:{counts[path]}"
        if name in names and isinstance(output, torch.Tensor):
            node = recorded[name]
            if node.shape != tuple(output.shape) or not torch.equal(node.output, output):
                different.append(name)

    handles = [
        module.register_forward_hook(lambda _m, _i, output, path=path: compare(path, output))
        for path, module in model.named_modules()
    ]
    with torch.no_grad():
        model(image)
    for handle in handles:
        handle.remove()
    assert len(counts) > 10
    assert not different


def test_threads_share_a_real_network() -> None:
    from concurrent.futures import ThreadPoolExecutor

    model, _ = build("mobilenet_v3_large")
    images = torch.randn(8, 1, 3, 64, 64)
    alone = [trace(model, image) for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: trace(model, image), images))
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one.nodes, other.nodes, strict=True):
            assert a.name == b.name
            assert torch.equal(a.output, b.output), a
