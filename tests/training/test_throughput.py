"""Steps in every precision: what is measured is what PyTorch keeps, and nothing is left behind."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from explainer.errors import Cancelled, ReaderError
from explainer.training.recipe import Augmentation
from explainer.training.throughput import bfloat16_instructions, measure_precisions, precisions_of


def test_every_way_is_measured(halves, recipe, tmp_path):
    recipe = replace(recipe, device="cpu", augmentation=Augmentation())
    told = []
    before = torch.get_rng_state()
    speeds = measure_precisions(
        recipe, halves, tmp_path, lambda done, total: told.append((done, total)), steps=2
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert not list(tmp_path.iterdir())
    assert [(one.precision, one.channels_last) for one in speeds.found] == [
        ("float32", False), ("float32", True), ("bfloat16", False), ("bfloat16", True),
    ]  # fmt: skip
    assert all(one.images_per_second > 0 for one in speeds.found)
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert (speeds.batch, speeds.memory) == (16, "kept")
    # Half as many bytes for each number, but for what is not computed in few bits.
    assert speeds.found[2].memory < 0.75 * speeds.found[0].memory


def test_what_is_kept_is_what_the_layers_need(halves, recipe, tmp_path, monkeypatch):
    """Worked out by hand for a small network."""
    network = nn.Sequential(nn.Conv2d(1, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 28 * 28, 2))
    monkeypatch.setattr("explainer.training.learner.new_network", lambda *given: network)
    recipe = replace(recipe, device="cpu", augmentation=Augmentation())
    found = measure_precisions(recipe, halves, tmp_path, steps=1).found[0]
    images, activations = 16 * 32 * 32 * 4, 16 * 2 * 28 * 28 * 4  # ReLU and the linear layer share its output
    loss = 16 * 2 * 4 + 16 * 8 + 4  # log-probabilities, labels, their weight in all
    assert found.memory == images + activations + loss


def test_it_can_be_given_up_and_says_what_cannot_be(halves, recipe, tmp_path):
    def give_up(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        measure_precisions(recipe, halves, tmp_path, give_up)
    with pytest.raises(ReaderError, match="no device cuda:17"):
        measure_precisions(replace(recipe, device="cuda:17"), halves, tmp_path)


def test_the_cpu_is_asked_for_its_instructions():
    x86 = "processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 amx_bf16 amx_tile\nbugs\t\t: none\n"
    assert bfloat16_instructions(x86) == ("amx_bf16", "avx512_bf16")
    assert bfloat16_instructions("flags\t\t: fpu avx2 avx512f\n") == ()
    assert bfloat16_instructions("Features\t: fp asimd bf16 i8mm\n") == ("bf16",)
    assert bfloat16_instructions("nothing of the kind") is None
    here = bfloat16_instructions()
    if here is not None:
        assert ("avx512_bf16" in here) == torch.cpu._is_avx512_bf16_supported()


def test_a_cpu_has_no_float16():
    assert precisions_of(torch.device("cpu")) == ("float32", "bfloat16")
