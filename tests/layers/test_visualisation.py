"""The input that excites a channel: it does, it is repeatable, and nobody else notices."""

import threading
from dataclasses import replace

import pytest
import torch
from torch import nn

from explainer.errors import Cancelled, ReaderError
from explainer.layers.visualisation import UNIT, Settings, visualise
from explainer.models import LoadedModel, Preprocessing, load_model
from explainer.samples import samples_for
from explainer.tracing import maps, trace

torch.set_num_threads(1)
QUICK = Settings(steps=16)
STILL = replace(QUICK, jitter=0, rotation=0.0, scaling=0.0, total_variation=0.0)


def around(model: nn.Module, size: int = 16, channels: int = 3) -> LoadedModel:
    """A network of our own as the catalogue would open it."""
    model.eval().requires_grad_(False)
    mean = (0.5,) * channels
    preprocessing = Preprocessing((size, size), mean, mean, "RGB" if channels == 3 else "L")
    return LoadedModel(model, "own", "Own", (), preprocessing, False, {}, "file", "")


@pytest.mark.parametrize(
    ("key", "layer", "channel"),
    [
        ("tiny_vgg", "conv_2_1", 3),
        ("tiny_vgg", "output", 1),
        ("resnet20", "layer2.1.add", 5),
        ("lenet5", "c3", 2),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_it_excites_the_channel_more_than_every_sample(
    key: str, layer: str, channel: int, whole: bool
) -> None:
    loaded = load_model(key)
    found = visualise(loaded, layer, channel, replace(Settings() if whole else UNIT, steps=50))

    def excitement(images: torch.Tensor) -> float:
        plane = maps(trace(loaded.model, images)[layer])[channel]
        return float(plane.mean() if whole else plane[plane.shape[0] // 2, plane.shape[1] // 2])

    preprocessing = loaded.preprocessing
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (preprocessing.mean, preprocessing.std))
    made = excitement(((found.image - mean) / std)[None])
    steps, values = zip(*found.activations, strict=True)
    assert steps[0] == 0
    assert steps[-1] == 50
    assert made == pytest.approx(values[-1], rel=1e-4)
    assert values[-1] > values[0]
    samples = [one.load() for one in samples_for(preprocessing, loaded.classes)]
    assert made > max(excitement(preprocessing.apply(image)) for image in samples)
    assert found.image.shape == (len(preprocessing.mean), *preprocessing.size)
    assert float(found.image.min()) >= 0
    assert float(found.image.max()) <= 1


def test_the_seed_decides_and_nothing_else_notices() -> None:
    loaded = load_model("tiny_vgg")
    before = {name: value.clone() for name, value in loaded.model.state_dict().items()}
    first = visualise(loaded, "conv_2_1", 1, QUICK)
    recorded = trace(loaded.model, torch.rand(1, 3, 64, 64))
    state = torch.random.get_rng_state()
    again = visualise(loaded, "conv_2_1", 1, QUICK, recorded=recorded)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first.image, again.image)
    assert first.activations == again.activations
    other = visualise(loaded, "conv_2_1", 1, replace(QUICK, seed=1))
    assert not torch.equal(first.image, other.image)
    assert all(torch.equal(loaded.model.state_dict()[name], value) for name, value in before.items())
    assert all(parameter.grad is None for parameter in loaded.model.parameters())


def test_several_at_once_get_what_they_would_get_alone() -> None:
    loaded = load_model("tiny_vgg")
    alone = [visualise(loaded, "conv_1_2", channel, QUICK).image for channel in range(3)]
    together: dict[int, torch.Tensor] = {}
    threads = [
        threading.Thread(
            target=lambda c=c: together.update({c: visualise(loaded, "conv_1_2", c, QUICK).image})
        )
        for c in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(alone[channel], together[channel]) for channel in range(3))


def test_a_linear_unit_has_a_known_answer() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 1))
    with torch.no_grad():
        weight = torch.where(torch.arange(64).reshape(8, 8) % 8 < 4, 1.0, -1.0).repeat(3, 1, 1)
        model[1].weight.copy_(weight.reshape(1, -1))
    found = visualise(around(model, 8), "1", 0, replace(STILL, fourier=False, steps=80, rate=0.5))
    assert torch.equal(found.image > 0.5, weight > 0), "white where the weight is positive, black elsewhere"
    values = [value for _, value in found.activations]
    assert values == sorted(values)


def test_the_regularisers_do_what_they_say() -> None:
    loaded = load_model("tiny_vgg")

    def roughness(settings: Settings) -> float:
        image = visualise(loaded, "conv_1_2", 2, settings).image
        return float(image.diff(dim=1).abs().mean() + image.diff(dim=2).abs().mean())

    def contrast(settings: Settings) -> float:
        return float((visualise(loaded, "conv_1_2", 2, settings).image - 0.5).square().mean())

    for plain in (STILL, replace(STILL, fourier=False)):
        assert roughness(replace(plain, total_variation=2.0)) < roughness(plain)
        assert roughness(replace(plain, blur=0.8)) < roughness(plain)
        assert contrast(replace(plain, decay=0.05)) < contrast(plain)


def test_progress_shows_the_picture_and_can_end_it() -> None:
    loaded = load_model("lenet5")
    seen: list[tuple[int, int, torch.Tensor]] = []
    made = visualise(loaded, "c1", 0, QUICK, progress=lambda *told: seen.append(told))
    assert [done for done, _, _ in seen] == list(range(17))
    assert {total for _, total, _ in seen} == {16}
    assert torch.equal(seen[-1][2], made.image)
    assert not torch.equal(seen[0][2], seen[8][2])

    def enough(done: int, total: int, picture: torch.Tensor) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        visualise(loaded, "c1", 0, QUICK, progress=enough)


def test_a_silent_channel_is_woken_or_said_to_be_dead() -> None:
    model = nn.Sequential(nn.Conv2d(3, 2, 3, bias=True), nn.ReLU(inplace=True), nn.Conv2d(2, 1, 1))
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-0.5, 0.0]))
        model[0].weight[0] = 0.1
        model[0].weight[1] = 0.0
    loaded = around(model)
    asleep = visualise(loaded, "1", 0, replace(STILL, steps=60))
    assert asleep.activations[0][1] == 0
    assert asleep.activations[-1][1] > 0
    with pytest.raises(ReaderError, match="nothing leads uphill"):
        visualise(loaded, "1", 1, QUICK)
    for layer, channel, words in (("1", 2, "counts from 0 to 1"), ("x", 0, "no operation called x")):
        with pytest.raises(ReaderError, match=words):
            visualise(loaded, layer, channel, QUICK)
