"""Class activation maps against the papers' formulas, written out here, and the model left as it was."""

import threading

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from explainer.attribution import CAM_METHODS, cam, grad_cam, grad_cam_parts, has_place
from explainer.errors import Cancelled, ReaderError
from explainer.models import load_model
from explainer.tracing import trace

FAST = [key for key in CAM_METHODS if key not in ("scorecam", "ablationcam")]


class Small(nn.Module):
    """Convolution, ReLU in place, two branches, a head that has the batch size 1 written into it."""

    def __init__(self, fixed_batch=False):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.left = nn.Conv2d(6, 4, 3, padding=1, stride=2)
        self.right = nn.Conv2d(6, 4, 1, stride=2)
        self.head = nn.Linear(8, 5)
        self.fixed_batch = fixed_batch

    def forward(self, x):
        x = self.act(self.first(x))
        x = torch.cat([self.left(x), self.right(x).tanh()], 1)
        x = x.mean((2, 3))
        return self.head(x.view(1, -1) if self.fixed_batch else x)


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(1)
    return Small().eval()


@pytest.fixture(scope="module")
def image():
    return torch.randn(1, 3, 12, 16, generator=torch.Generator().manual_seed(2))


def by_hand(network, image, class_index):
    """Output A and gradient G of the first convolution, [C, h, w], and the score."""
    activation = network.first(image).detach().requires_grad_()
    x = activation.relu()
    x = torch.cat([network.left(x), network.right(x).tanh()], 1).mean((2, 3))
    score = network.head(x)[0, class_index]
    (gradient,) = torch.autograd.grad(score, activation)
    return activation.detach()[0].double(), gradient[0].double(), float(score.detach())


def formula(method, a, g):
    if method == "gradcam":
        return sum(g[k].mean() * a[k] for k in range(len(a))).relu()
    if method == "hirescam":
        return sum(g[k] * a[k] for k in range(len(a))).relu()
    if method == "layercam":
        return sum(g[k].relu() * a[k] for k in range(len(a))).relu()
    if method == "gradcam++":
        total = torch.zeros_like(a[0])
        for k in range(len(a)):
            alpha = g[k] ** 2 / (2 * g[k] ** 2 + a[k].sum() * g[k] ** 3)
            total += (alpha.nan_to_num(0) * g[k].relu()).sum() * a[k]
        return total.relu()
    rows = a.flatten(1).T
    projection = rows @ torch.linalg.svd(rows, full_matrices=False)[2][0]
    return (projection * projection.sum().sign()).reshape(a.shape[1:]).relu()


@pytest.mark.parametrize("method", FAST)
def test_maps_are_the_papers_formulas(small, image, method):
    a, g, score = by_hand(small, image, 2)
    expected = formula(method, a, g).float()
    recorded = trace(small, image)
    found = cam(recorded, recorded["first"], recorded.nodes[-1], 2, method)
    for heat in (grad_cam(small, image, "first", 2, method), found.map):
        assert torch.allclose(heat, expected, rtol=1e-4, atol=1e-5 * float(expected.max()))
    assert found.score == pytest.approx(score, rel=1e-5)
    assert found.map.max() > 0


@pytest.mark.parametrize("fixed_batch", [False, True])
def test_ablation_takes_one_channel_out_at_a_time(image, fixed_batch):
    torch.manual_seed(1)
    network = Small(fixed_batch).eval()
    whole = network(image)[0].detach()
    worst = int(whole.argmin())
    assert whole[worst] < 0  # dividing by the score itself would turn the signs round
    a = network.first(image).detach()
    weights = []
    for k in range(6):
        x = a.clone()
        x[:, k] = 0
        x = x.relu()
        x = torch.cat([network.left(x), network.right(x).tanh()], 1).mean((2, 3))
        weights.append((whole[worst] - network.head(x)[0, worst]) / whole[worst].abs())
    weights = torch.stack(weights).detach()
    recorded = trace(network, image)
    found = cam(recorded, recorded["first"], recorded.nodes[-1], worst, "ablationcam")
    assert torch.allclose(found.weights, weights, atol=1e-5)
    assert torch.allclose(found.map, (weights[:, None, None] * a[0]).sum(0).relu(), atol=1e-5)


def test_ablation_joins_what_was_not_changed(image):
    # Behind `left` its maps meet those of `right`, which were recorded for one picture, not for a batch.
    torch.manual_seed(1)
    network = Small().eval()
    recorded = trace(network, image)
    found = cam(recorded, recorded["left"], recorded.nodes[-1], 3, "ablationcam")
    a = recorded["left"].output[0]
    drop = (network.head.weight[3, :4] * a.mean((1, 2))).detach()
    assert torch.allclose(found.weights, drop / recorded.nodes[-1].output[0, 3].abs(), atol=1e-5)


def test_score_cam_runs_the_masked_pictures(small, image):
    a = small.act(small.first(image)).detach()[0]
    a[2] = 0.5  # the same everywhere: masks out everything
    scores = []
    for k in range(len(a)):
        mask = F.interpolate(a[None, k : k + 1], (12, 16), mode="bilinear", align_corners=True)
        spread = mask.max() - mask.min()
        mask = (mask - mask.min()) / spread if spread > 0 else torch.zeros_like(mask)
        scores.append(small(image * mask)[0, 1].detach())
    from explainer.attribution.perturbed import score_weights

    told = []
    found = score_weights(trace(small, image), a, 1, lambda done, total: told.append((done, total)))
    assert torch.allclose(found, torch.stack(scores).softmax(0), atol=1e-6)
    assert told[-1] == (6, 6)


def test_progress_ends_the_work(small, image):
    def give_up(done, total):
        raise Cancelled

    for method in ("scorecam", "ablationcam"):
        with pytest.raises(Cancelled):
            grad_cam(small, image, "first", 0, method, progress=give_up)


def test_the_parts_add_up(small, image):
    recorded = trace(small, image)
    parts = grad_cam_parts(recorded, recorded["first"], recorded.nodes[-1], 2)
    a, g, score = by_hand(small, image, 2)
    assert torch.allclose(parts.activation.double(), a, atol=1e-6)
    assert torch.allclose(parts.weights.double(), g.mean((1, 2)), atol=1e-7)
    assert torch.equal(parts.map, parts.total.relu())
    assert torch.equal(parts.map, grad_cam(small, image, "first", 2))
    for y, x in ((0, 0), (5, 9), (11, 15)):
        terms = [float(parts.weights[k]) * float(parts.activation[k, y, x]) for k in range(6)]
        assert parts.terms(y, x).tolist() == pytest.approx(terms, abs=1e-8)
        assert float(parts.total[y, x]) == pytest.approx(sum(terms), abs=1e-6)
    strength = (a * g.mean((1, 2))[:, None, None]).abs().sum((1, 2))
    assert parts.order.tolist() == strength.argsort(descending=True).tolist()
    assert parts.score == pytest.approx(score, rel=1e-5)


# --- any layer, any network ---------------------------------------------------------------------------


def test_a_layer_before_an_operation_in_place_keeps_its_values():
    torch.manual_seed(0)
    network = torchvision.models.densenet121(num_classes=5).eval()
    images = torch.randn(1, 3, 64, 64)
    activation = network.features(images).detach().requires_grad_()  # norm5; forward() overwrites it
    score = network.classifier(F.adaptive_avg_pool2d(F.relu(activation), 1).flatten(1))[0, 2]
    (gradient,) = torch.autograd.grad(score, activation)
    expected = (gradient.mean((2, 3), keepdim=True) * activation.detach()).sum(1)[0].relu()
    found = grad_cam(network, images, "features.norm5", 2)
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-5 * float(expected.max()))


def test_layers_by_module_by_run_and_by_node(small, image):
    torch.manual_seed(0)
    network = torchvision.models.resnet18(num_classes=5).eval()
    images = torch.randn(1, 3, 64, 64)
    recorded = trace(network, images)
    for run in ("layer3.0.relu", "layer3.0.relu:2", "layer3.0.add", "conv1"):
        expected = cam(recorded, recorded[run], recorded.nodes[-1], 1).map
        assert torch.allclose(grad_cam(network, images, run, 1), expected, atol=1e-6)
    assert torch.equal(grad_cam(network, images, network.layer3, 1), grad_cam(network, images, "layer3", 1))
    with pytest.raises(ReaderError, match="not part"):
        grad_cam(network, images, small.first, 1)
    with pytest.raises(ReaderError, match="no layer called"):
        grad_cam(network, images, "layer9", 1)


def test_several_pictures_at_once(small):
    images = torch.randn(3, 3, 12, 16, generator=torch.Generator().manual_seed(5))
    for method in CAM_METHODS:
        together = grad_cam(small, images, "left", [0, 4, 2], method)
        assert together.shape == (3, 6, 8)
        for item, index in enumerate((0, 4, 2)):
            alone = grad_cam(small, images[item : item + 1], "left", index, method)
            assert torch.allclose(together[item], alone, atol=1e-5), method
    best = small(images).argmax(1).tolist()
    assert torch.equal(grad_cam(small, images, "left"), grad_cam(small, images, "left", best))


def test_training_mode_leaves_the_running_statistics_alone():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert grad_cam(network, torch.randn(1, 3, 9, 9), "1", 2).shape == (7, 7)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_tokens_and_channels_last():
    torch.manual_seed(0)
    models = torchvision.models
    vit = models.VisionTransformer(64, 16, 2, 2, 32, 64, num_classes=5).eval()
    vit.heads.head.weight.data.normal_()
    swin = models.SwinTransformer([4, 4], 24, [2, 2], [2, 2], [4, 4], num_classes=5).eval()
    images = torch.randn(1, 3, 64, 64)
    for network, name, size in (
        (vit, "encoder.layers.encoder_layer_1.ln_1", (4, 4)),
        (swin, "features.3.1.norm2", (8, 8)),
        (swin, "features.1.0.attn", (16, 16)),
    ):
        recorded = trace(network, images)
        node = next(node for node in reversed(recorded.nodes) if f"{node.module}.".startswith(f"{name}."))
        found = cam(recorded, node, recorded.nodes[-1], 2)
        assert found.map.shape == size
        assert torch.allclose(found.map, grad_cam(network, images, name, 2), atol=1e-6)
        # the same from gradients that PyTorch takes through the model itself
        kept = {}
        handle = network.get_submodule(name).register_forward_hook(
            lambda module, args, output, kept=kept: kept.update(a=output)
        )
        network(images)
        score = network(images)[0, 2]
        handle.remove()
        (gradient,) = torch.autograd.grad(score, kept["a"])
        a, g = ((tensor[0, 1:] if tensor.ndim == 3 else tensor[0]) for tensor in (kept["a"], gradient))
        heat = (g.reshape(-1, g.shape[-1]).mean(0) * a).sum(-1).reshape(size).relu()
        assert torch.allclose(found.map, heat.detach(), atol=1e-6)


@pytest.mark.parametrize("name", ["getitem", "encoder.layers.encoder_layer_0.self_attention.transpose"])
def test_what_has_no_place_in_the_picture_is_refused(name):
    network = torchvision.models.VisionTransformer(32, 16, 1, 2, 8, 16, num_classes=5).eval()
    recorded = trace(network, torch.randn(1, 3, 32, 32))
    assert not has_place(recorded, recorded[name])
    for method in CAM_METHODS:
        with pytest.raises(ReaderError, match="no rows and columns"):
            cam(recorded, recorded[name], recorded.nodes[-1], 0, method)


def test_refusals(small, image):
    recorded = trace(small, image)
    with pytest.raises(ReaderError, match="no rows and columns"):
        grad_cam(small, image, "head", 0)
    with pytest.raises(ReaderError, match="5 classes"):
        grad_cam(small, image, "first", 5)
    with pytest.raises(ReaderError, match="gradcam\\+\\+"):
        cam(recorded, recorded["first"], recorded.nodes[-1], 0, "nonsense")
    with pytest.raises(ReaderError, match="class"):
        grad_cam(nn.Sequential(nn.Conv2d(3, 3, 1)), image, "0", 0)
    assert has_place(recorded, recorded["cat"])
    assert not has_place(recorded, recorded["mean"])


def test_a_class_that_a_layer_has_no_part_in_has_an_empty_map(image):
    class Apart(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused, self.used, self.flat = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 1), nn.Flatten()

        def forward(self, x):
            self.unused(x)
            return self.used(x).mean((2, 3))

    network = Apart().eval()
    assert not grad_cam(network, image, "unused", 0).any()
    with pytest.raises(ReaderError, match="did not run"):
        grad_cam(network, image, "flat", 0)


# --- the shared model --------------------------------------------------------------------------------


def hooks(network):
    return sum(
        len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in network.modules()
    )


def test_the_model_is_left_as_it_was(image):
    torch.manual_seed(0)
    network = torchvision.models.squeezenet1_1(num_classes=5).eval()  # its weights require gradients
    before = {name: value.clone() for name, value in network.state_dict().items()}
    generator = torch.get_rng_state()
    images = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    for method in CAM_METHODS:
        grad_cam(network, images, "features.3", 0, method)
    for broken in (images[:, :2], images[..., :2]):
        with pytest.raises(RuntimeError):
            grad_cam(network, broken, "features.3", 0)
    assert torch.is_grad_enabled()
    assert hooks(network) == 0
    assert not network.training
    assert all(parameter.grad is None and parameter.requires_grad for parameter in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(generator, torch.get_rng_state())


def test_eight_readers_of_one_model_at_once():
    network = load_model("resnet20").model
    layers = ["layer1", "layer2.0.conv1", "layer2", "layer3.1.bn1", "layer3", "layer1.1", "conv1", "layer3.0"]
    pictures = torch.randn(8, 1, 3, 32, 32, generator=torch.Generator().manual_seed(9))
    methods = [*FAST, "ablationcam", "gradcam", "layercam"]

    def maps(reader):
        return [
            grad_cam(network, pictures[reader], layers[reader], reader, methods[reader]) for _ in range(6)
        ]

    alone = [maps(reader)[0] for reader in range(8)]
    found = [None] * 8
    start = threading.Barrier(8)

    def read(reader):
        start.wait()
        found[reader] = maps(reader)

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for expected, several in zip(alone, found, strict=True):
        assert all(torch.equal(expected, heat) for heat in several)
    assert hooks(network) == 0
