"""Adversarial examples: the step by its definition, the limits, what comes of it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explainer.attribution import adversarial, along_the_sign, smallest_epsilon
from explainer.errors import Cancelled
from explainer.models import load_model
from explainer.samples import sample

PHOTOS = {"tiny_vgg": "drawn-lifeboat", "resnet20": "chelsea", "lenet5": "digit-1"}


@pytest.fixture(scope="module", params=PHOTOS)
def case(request):
    loaded = load_model(request.param)
    images = loaded.preprocessing.apply(sample(PHOTOS[request.param]).load())
    return loaded, images, int(loaded.model(images).argmax())


def pixels_of(loaded, images):
    mean, std = (
        torch.tensor(value).view(-1, 1, 1) for value in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    return images[0] * std + mean


def loss_of(loaded, images, answer):
    return float(F.cross_entropy(loaded.model(images), torch.tensor([answer])))


@pytest.mark.parametrize("targeted", [False, True])
def test_fgsm_is_one_step_along_the_sign(case, targeted):
    loaded, images, answer = case
    wanted = (answer + 1) % 10 if targeted else answer
    found = adversarial(
        loaded.model, images, wanted, loaded.preprocessing, epsilon=3 / 255, targeted=targeted
    )
    leaf = images.clone().requires_grad_()
    loss = F.cross_entropy(loaded.model(leaf), torch.tensor([wanted]))
    (gradient,) = torch.autograd.grad(loss, leaf)
    step = (-1 if targeted else 1) * 3 / 255 * gradient[0].sign()
    expected = (pixels_of(loaded, images) + step).clamp(0, 1)
    # where the gradient is all but zero its sign hangs on the last bit
    clear = gradient[0].abs() > 1e-5 * gradient.abs().max()
    assert torch.allclose(found.pixels[clear], expected[clear], atol=1e-6)
    assert found.losses[0] == pytest.approx(loss.item(), abs=1e-4)


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
@pytest.mark.parametrize("steps", [1, 2, 8])
def test_it_stays_within_the_limits(case, method, steps):
    loaded, images, answer = case
    told = []
    found = adversarial(
        loaded.model,
        images,
        answer,
        loaded.preprocessing,
        method=method,
        epsilon=5 / 255,
        steps=steps,
        progress=lambda done, total: told.append((done, total)),
    )
    original = pixels_of(loaded, images)
    assert float((found.pixels - original).abs().max()) <= 5 / 255 + 1e-6
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= 1
    assert torch.allclose(pixels_of(loaded, found.images), found.pixels, atol=1e-6)
    assert torch.allclose(found.perturbation, found.pixels - original, atol=1e-6)
    change = found.picture.astype(int) - loaded.preprocessing.as_seen(images).astype(int)
    assert np.abs(change).max() <= 5
    assert told[-1] == (len(found.losses) - 1, len(found.losses) - 1)


def test_pgd_raises_the_loss_and_changes_the_answer(case):
    loaded, images, answer = case
    found = adversarial(
        loaded.model, images, answer, loaded.preprocessing, method="pgd", epsilon=8 / 255, steps=10
    )
    assert loss_of(loaded, found.images, answer) == pytest.approx(found.losses[-1], abs=1e-3)
    assert found.losses[-1] > loss_of(loaded, images, answer) + 1
    assert found.success == (int(loaded.model(found.images).argmax()) != answer)
    assert found.success
    assert torch.allclose(found.before, loaded.model(images)[0], atol=1e-4)
    assert torch.allclose(found.after, loaded.model(found.images)[0], atol=1e-3)


def test_pgd_reaches_a_target_and_says_where_it_does_not():
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("drawn-lifeboat").load())
    reached = adversarial(
        loaded.model, images, 2, loaded.preprocessing, method="pgd", epsilon=0.1, steps=20, targeted=True
    )
    assert int(reached.after.argmax()) == 2
    assert reached.success
    assert reached.losses[-1] < reached.losses[0]
    failed = adversarial(
        loaded.model, images, 2, loaded.preprocessing, method="pgd", epsilon=0.001, steps=3, targeted=True
    )
    assert not failed.success
    assert not failed.survives


def test_what_a_file_holds_is_what_is_said_of_it(case):
    loaded, images, answer = case
    found = adversarial(loaded.model, images, answer, loaded.preprocessing, method="pgd", epsilon=6.5 / 255)
    picture = torch.from_numpy(found.picture).permute(2, 0, 1)[: images.shape[1]]
    mean, std = (
        torch.tensor(value).view(-1, 1, 1) for value in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    scores = loaded.model(((picture / 255 - mean) / std)[None])[0]
    assert torch.allclose(scores, found.rounded, atol=1e-3)
    assert found.survives == (int(scores.argmax()) != answer)


def test_noise_of_the_same_strength_is_there_to_compare_with(case):
    loaded, images, answer = case
    found = adversarial(loaded.model, images, answer, loaded.preprocessing, epsilon=4 / 255, seed=3)
    signs = torch.randint(0, 2, images.shape, generator=torch.Generator().manual_seed(3)) * 2 - 1
    mean, std = (
        torch.tensor(value).view(-1, 1, 1) for value in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    noisy = (pixels_of(loaded, images) + 4 / 255 * signs[0]).clamp(0, 1)
    assert torch.allclose(found.noise, loaded.model(((noisy - mean) / std)[None])[0], atol=1e-3)


@pytest.mark.parametrize(("method", "largest"), [("pgd", 32), ("pgd", 9), ("fgsm", 12)])
def test_the_smallest_limit_works_and_the_one_below_does_not(case, method, largest):
    loaded, images, answer = case

    def works(epsilon):
        return adversarial(
            loaded.model,
            images,
            answer,
            loaded.preprocessing,
            method=method,
            epsilon=epsilon / 255,
            steps=5,
        ).survives

    found = smallest_epsilon(
        loaded.model, images, answer, loaded.preprocessing, method=method, steps=5, largest=largest
    )
    assert found is not None
    assert works(found)
    assert found == 1 or not works(found - 1)


def test_a_limit_that_is_not_enough_is_none():
    loaded = load_model("lenet5")
    images = loaded.preprocessing.apply(sample("digit-0").load())
    for method in ("fgsm", "pgd"):
        assert (
            smallest_epsilon(loaded.model, images, 0, loaded.preprocessing, method=method, largest=2) is None
        )


def test_no_room_no_change(case):
    loaded, images, answer = case
    for method in ("fgsm", "pgd"):
        found = adversarial(loaded.model, images, answer, loaded.preprocessing, method=method, epsilon=0)
        assert not found.perturbation.any()
        assert not found.success
        assert (found.picture == loaded.preprocessing.as_seen(images)).all()


def test_the_start_is_drawn_from_its_own_generator(case):
    loaded, images, answer = case
    random = torch.random.get_rng_state()

    def start(seed):
        return adversarial(
            loaded.model, images, answer, loaded.preprocessing, method="pgd", steps=0, seed=seed
        )

    assert torch.equal(start(1).pixels, start(1).pixels)
    assert not torch.equal(start(1).pixels, start(2).pixels)
    assert not start(None).perturbation.any()
    assert torch.equal(random, torch.random.get_rng_state())


def test_every_length_of_the_step_is_that_of_fgsm(case):
    loaded, images, answer = case
    epsilons = [0, 1 / 255, 8 / 255]
    found = along_the_sign(loaded.model, images, answer, loaded.preprocessing, epsilons)
    for row, epsilon in zip(found, epsilons, strict=True):
        single = adversarial(loaded.model, images, answer, loaded.preprocessing, epsilon=epsilon)
        assert torch.allclose(row, single.after, atol=1e-3)


def test_eight_attacks_at_once_leave_the_model_alone():
    loaded = load_model("resnet20")
    before = {name: value.clone() for name, value in loaded.model.state_dict().items()}
    pictures = [torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(n)) for n in range(8)]

    def attack(images):
        return adversarial(loaded.model, images, 1, loaded.preprocessing, method="pgd", steps=4).pixels

    alone = [attack(images) for images in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(attack, pictures))
    assert all(torch.equal(one, other) for one, other in zip(alone, together, strict=True))
    assert all(torch.equal(before[name], value) for name, value in loaded.model.state_dict().items())
    assert all(parameter.grad is None for parameter in loaded.model.parameters())
    assert not loaded.model.training


def test_a_reader_may_give_up(case):
    loaded, images, answer = case

    def stop(done, total):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        adversarial(loaded.model, images, answer, loaded.preprocessing, method="pgd", progress=stop)


def test_an_unknown_method_is_refused(case):
    loaded, images, answer = case
    with pytest.raises(ValueError, match="fgsm, pgd"):
        adversarial(loaded.model, images, answer, loaded.preprocessing, method="magic")
