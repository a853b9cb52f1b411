"""Silencing every channel in turn, against a copy of the model with a hook."""

from copy import deepcopy

import pytest
import torch

from explainer.errors import Cancelled, ReaderError
from explainer.layers.ablation import ablations
from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import extent, trace

torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("key", "layer"), [("tiny_vgg", "conv_2_1"), ("resnet20", "layer3.1.bn1"), ("lenet5", "f6")]
)
def test_it_is_what_a_hook_does(key: str, layer: str) -> None:
    loaded = load_model(key)
    images = loaded.preprocessing.apply(sample("digit-4" if key == "lenet5" else "coffee").load())
    recorded = trace(loaded.model, images)
    found = ablations(recorded, recorded[layer], recorded.output, 2)
    copy = deepcopy(loaded.model)
    silent = -1

    def hook(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        output = output.clone()
        if silent >= 0:
            output[:, silent] = 0
        return output

    copy.get_submodule(layer).register_forward_hook(hook)
    count = extent(recorded[layer])[0]
    assert found.scores.shape == found.probabilities.shape == (count,)
    with torch.no_grad():
        for silent in range(-1, count):
            scores = copy(images)[0]
            probability = found.probability if silent < 0 else float(found.probabilities[silent])
            score = found.score if silent < 0 else float(found.scores[silent])
            assert score == pytest.approx(float(scores[2]), rel=1e-4, abs=1e-5)
            assert probability == pytest.approx(float(scores.softmax(0)[2]), rel=1e-3, abs=1e-7)


def test_progress_cancel_and_refusal() -> None:
    loaded = load_model("lenet5")
    recorded = trace(loaded.model, loaded.preprocessing.apply(sample("digit-4").load()))
    told: list[tuple[int, int]] = []
    ablations(recorded, recorded["c1"], recorded.output, 0, lambda *at: told.append(at))
    assert told == [(number, 6) for number in range(7)]

    def enough(done: int, total: int) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        ablations(recorded, recorded["c1"], recorded.output, 0, enough)
    video = trace(torch.nn.Conv3d(1, 1, 1).eval(), torch.zeros(1, 1, 2, 2, 2))
    with pytest.raises(ReaderError, match="no channels"):
        ablations(video, video.nodes[-1], video.nodes[-1], 0)
