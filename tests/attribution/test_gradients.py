"""Gradient methods against captum, formulas written out, and themselves under many readers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch
from captum.attr import GuidedBackprop, IntegratedGradients, Occlusion, Saliency
from torch import nn

from explainer.attribution import (
    BASELINES,
    baseline,
    collapse,
    guided_backpropagation,
    guided_nodes,
    integrated_gradients,
    magnitude,
    occlusion,
    saliency,
    smooth_grad,
)
from explainer.errors import Cancelled, ReaderError
from explainer.models import Preprocessing, load_model
from explainer.models.networks import ResNet20
from explainer.samples import sample
from explainer.tracing import Trace, trace

CLASS = 3
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


@dataclass(frozen=True, eq=False)
class Case:
    model: nn.Module
    twin: nn.Module
    """The same network with its ReLUs as modules that are used once, as captum's hooks need it."""
    images: torch.Tensor
    trace: Trace

    @property
    def logits(self):
        return self.trace.nodes[-1]


class ResNet20WithModules(ResNet20):
    """ResNet-20 whose every ReLU is a module of its own."""

    class Block(nn.Module):
        def __init__(self, block):
            super().__init__()
            self.block, self.first, self.second = block, nn.ReLU(), nn.ReLU()

        def forward(self, x):
            block, shortcut = self.block, x
            if block.stride > 1 or block.extra:
                half = block.extra // 2
                pad = (0, 0, 0, 0, half, block.extra - half)
                shortcut = nn.functional.pad(x[:, :, :: block.stride, :: block.stride], pad)
            y = self.first(block.bn1(block.conv1(x)))
            return self.second(block.bn2(block.conv2(y)) + shortcut)

    def __init__(self, weights):
        super().__init__()
        self.load_state_dict(weights)
        self.relu = nn.ReLU()
        for stage in (self.layer1, self.layer2, self.layer3):
            for place, block in enumerate(stage):
                stage[place] = self.Block(block)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        return self.fc(torch.flatten(self.avgpool(self.layer3(self.layer2(self.layer1(x)))), 1))


def published(name: str, size: int) -> nn.Module:
    import torchvision

    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(num_classes=10).eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # captum's hooks cannot see through writing in place
    return model


@pytest.fixture(
    scope="module", params=["tiny_vgg", "lenet5", "resnet20", "squeezenet1_1", "mobilenet_v3_small"]
)
def case(request) -> Case:
    name = request.param
    if name in ("squeezenet1_1", "mobilenet_v3_small"):
        model = published(name, 96)
        images = torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
        return Case(model, model, images, trace(model, images))
    loaded = load_model(name)
    picture = sample("digit-7" if name == "lenet5" else "chelsea").load()
    images = loaded.preprocessing.apply(picture)
    twin = loaded.model
    if name == "resnet20":
        twin = ResNet20WithModules(loaded.model.state_dict()).eval().requires_grad_(False)
        assert torch.equal(twin(images), loaded.model(images))
    return Case(loaded.model, twin, images, trace(loaded.model, images))


def close(found, expected):
    peak = float(expected.abs().max())
    assert peak > 0
    assert float((found - expected).abs().max()) <= 1e-4 * peak


def test_saliency_is_captums(case):
    expected = Saliency(case.model).attribute(case.images.clone(), target=CLASS, abs=False)
    close(saliency(case.trace, case.logits, CLASS), expected[0])


def test_guided_backpropagation_is_captums(case):
    expected = GuidedBackprop(case.twin).attribute(case.images.clone(), target=CLASS)
    found = guided_backpropagation(case.trace, case.logits, CLASS)
    close(found, expected[0].detach())
    plain = saliency(case.trace, case.logits, CLASS)
    assert torch.equal(found, plain) == (not guided_nodes(case.trace))


def test_integrated_gradients_are_captums(case):
    start = torch.full_like(case.images, 0.2)
    found = integrated_gradients(case.model, case.images, CLASS, baseline=start, steps=20)
    expected = IntegratedGradients(case.model).attribute(case.images, start, target=CLASS, n_steps=20)
    close(found.attribution, expected[0].float())
    assert found.total == pytest.approx(float(found.attribution.sum()), abs=1e-3)
    assert found.score == pytest.approx(float(case.model(case.images)[0, CLASS]), abs=1e-5)
    assert found.baseline_score == pytest.approx(float(case.model(start)[0, CLASS]), abs=1e-5)


def test_occlusion_is_captums(case):
    side = case.images.shape[-1]
    size, stride = side // 4 - 1, side // 6
    channels = case.images.shape[1]
    found = occlusion(case.model, case.images, CLASS, size=size, stride=stride)
    expected = Occlusion(case.model).attribute(
        case.images,
        sliding_window_shapes=(channels, size, size),
        strides=(channels, stride, stride),
        target=CLASS,
        perturbations_per_eval=16,
    )
    close(found.map, expected[0, 0])


def test_smooth_grad_is_the_mean_of_gradients_at_noisy_copies(case):
    found = smooth_grad(case.model, case.images, CLASS, samples=7, noise=0.1, seed=5)
    generator = torch.Generator().manual_seed(5)
    sigma = 0.1 * (case.images.max() - case.images.min())
    total = torch.zeros_like(case.images)
    for _ in range(7):
        leaf = case.images + sigma * torch.randn(case.images.shape, generator=generator)
        leaf.requires_grad_()
        total += torch.autograd.grad(case.model(leaf)[0, CLASS], leaf)[0]
    close(found, total[0] / 7)
    assert torch.equal(found, smooth_grad(case.model, case.images, CLASS, samples=7, noise=0.1, seed=5))


# --- completeness ----------------------------------------------------------------------------------------


def test_attributions_add_up_to_the_difference_of_the_scores():
    loaded = load_model("lenet5")  # smooth: the quadrature is as good as exact
    images = loaded.preprocessing.apply(sample("digit-7").load())
    answer = int(loaded.model(images).argmax())
    coarse, fine = (integrated_gradients(loaded.model, images, answer, steps=steps) for steps in (4, 100))
    assert fine.error < 1e-3
    assert fine.relative_error < 1e-4
    assert fine.error < coarse.error
    assert fine.difference == pytest.approx(
        float((loaded.model(images) - loaded.model(torch.zeros_like(images)))[0, answer]), abs=1e-4
    )


def test_more_steps_bring_a_network_with_kinks_nearer():
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("drawn-pizza").load())
    answer = int(loaded.model(images).argmax())
    for kind in ("black", "blur", "noise"):
        start = baseline(kind, images, loaded.preprocessing)
        found = integrated_gradients(loaded.model, images, answer, baseline=start, steps=100)
        assert found.relative_error < 0.05, kind


def test_a_line_of_no_length_shares_out_nothing():
    model = load_model("lenet5").model
    images = torch.rand(1, 1, 32, 32)
    found = integrated_gradients(model, images, 0, baseline=images, steps=3)
    assert found.total == found.difference == found.error == found.relative_error == 0


# --- baselines -------------------------------------------------------------------------------------------


def test_baselines_are_given_in_the_networks_own_numbers():
    scaling = Preprocessing(size=(20, 30), mean=(0.5, 0.4, 0.3), std=(0.2, 0.25, 0.3))
    photo = torch.rand(1, 3, 20, 30)
    images = (photo - torch.tensor(scaling.mean).view(-1, 1, 1)) / torch.tensor(scaling.std).view(-1, 1, 1)
    seen = {kind: scaling.as_seen(baseline(kind, images, scaling, seed=2)) for kind in BASELINES}
    assert (seen["black"] == 0).all()
    assert (seen["grey"] == 128).all()
    mean = photo.mean((2, 3)).mul(255).round()
    assert (torch.from_numpy(seen["mean"].astype("float32")) == mean).all()
    assert seen["blur"].std() < scaling.as_seen(images).std() / 2
    assert seen["noise"].min() < 10
    assert seen["noise"].max() > 245
    again = baseline("noise", images, scaling, seed=2)
    assert torch.equal(again, baseline("noise", images, scaling, seed=2))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (1, 40)])
def test_blurring_keeps_a_plain_picture(shape):
    plain = torch.full((1, 3, *shape), 0.7)
    scaling = Preprocessing(size=shape, mean=(0.0,) * 3, std=(1.0,) * 3)
    assert torch.allclose(baseline("blur", plain, scaling), plain, atol=1e-6)


# --- occlusion -------------------------------------------------------------------------------------------


def test_occlusion_says_what_the_network_answers_at_every_place():
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("drawn-pizza").load())
    fill = baseline("grey", images, loaded.preprocessing)
    found = occlusion(loaded.model, images, CLASS, size=20, stride=13, fill=fill)
    assert found.scores.shape == (len(found.boxes), len(found.boxes[0])) == (5, 5)
    for row, column in ((0, 0), (2, 3), (4, 4)):
        top, left, bottom, right = found.boxes[row][column]
        covered = images.clone()
        covered[:, :, top:bottom, left:right] = 0.5
        expected = loaded.model(covered)[0]
        assert torch.allclose(found.table[row, column], expected, atol=1e-4)
        assert found.scores[row, column] == found.table[row, column, CLASS]
        assert float(found.probabilities[row, column]) == pytest.approx(
            float(expected.softmax(0)[CLASS]), abs=1e-5
        )
    assert found.boxes[4][4] == (52, 52, 64, 64)
    assert torch.allclose(found.intact, loaded.model(images)[0], atol=1e-4)


def test_a_patch_larger_than_the_picture_covers_it_all():
    loaded = load_model("lenet5")
    images = torch.rand(1, 1, 32, 32)
    found = occlusion(loaded.model, images, 0, size=50, stride=50)
    assert found.boxes == (((0, 0, 32, 32),),)
    expected = (loaded.model(images) - loaded.model(torch.zeros_like(images)))[0, 0]
    assert torch.allclose(found.map, expected.expand(32, 32), atol=1e-5)


def test_pixels_that_no_patch_covers_cost_nothing():
    found = occlusion(load_model("lenet5").model, torch.rand(1, 1, 32, 32), 0, size=2, stride=10)
    assert not found.map[2:10].any()
    assert found.map[:2, :2].any()


# --- one model for all -----------------------------------------------------------------------------------


def everything(model, images):
    recorded = trace(model, images)
    logits = recorded.nodes[-1]
    return torch.cat(
        [
            saliency(recorded, logits, CLASS).flatten(),
            guided_backpropagation(recorded, logits, CLASS).flatten(),
            smooth_grad(model, images, CLASS, samples=4).flatten(),
            integrated_gradients(model, images, CLASS, steps=5).attribution.flatten(),
            occlusion(model, images, CLASS, size=16, stride=8).map.flatten(),
        ]
    )


def test_eight_readers_at_once_get_what_each_would_get_alone():
    model = load_model("resnet20").model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.random.get_rng_state()
    pictures = [torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(n)) for n in range(8)]
    alone = [everything(model, images) for images in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda images: everything(model, images), pictures))
    assert all(torch.equal(one, other) for one, other in zip(alone, together, strict=True))
    assert torch.equal(random, torch.random.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not model.training
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._backward_hooks
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in model.parameters())


def test_they_work_within_inference_mode():
    model = load_model("lenet5").model
    images = torch.rand(1, 1, 32, 32)
    expected = everything(model, images)
    with torch.inference_mode():
        assert torch.allclose(everything(model, images), expected, atol=1e-6)


def test_a_model_may_write_into_its_input():
    class Hasty(nn.Module):
        def forward(self, x):
            return x.mul_(2).flatten(1)

    images = torch.rand(1, 1, 2, 2)
    kept = images.clone()
    found = integrated_gradients(Hasty(), images, 1, steps=3)
    assert torch.equal(images, kept)
    assert found.total == pytest.approx(float(2 * images[0, 0, 0, 1]), rel=1e-5)


def test_a_score_that_no_pixel_reaches_has_no_gradient():
    class Deaf(nn.Module):
        def forward(self, x):
            return torch.ones(len(x), 3)

    recorded = trace(Deaf(), torch.rand(1, 3, 4, 4))
    assert not saliency(recorded, recorded.nodes[-1], 1).any()


def test_a_network_without_class_scores_is_refused_in_words():
    with pytest.raises(ReaderError, match="no class scores"):
        occlusion(nn.Conv2d(3, 2, 3), torch.rand(1, 3, 8, 8), 0, size=4, stride=4)


def test_a_reader_may_give_up():
    told = []

    def stop(done, total):
        told.append((done, total))
        if done:
            raise Cancelled

    model, images = load_model("tiny_vgg").model, torch.rand(1, 3, 64, 64)
    with pytest.raises(Cancelled):
        smooth_grad(model, images, 0, samples=200, progress=stop)
    assert told == [(0, 200), (85, 200)]


def test_maps_for_looking_at():
    attribution = torch.tensor([[[1.0, -4.0]], [[2.0, 3.0]]])
    assert magnitude(attribution).tolist() == [[2.0, 4.0]]
    assert collapse(attribution).tolist() == [[3.0, -1.0]]
