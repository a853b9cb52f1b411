"""What the view of a change is sent, against the tensors; and the code that makes the change without us."""

import contextlib
import io

import pytest
import torch

from explainer.layers.intervention import BiasChange, ChannelChange, KernelChange, difference, what_if
from explainer.layers.visualisation import Settings
from explainer.models import load_model
from explainer.render.consequences import CHANNELS, classes, consequences
from explainer.render.layer_code import moments_code, visualisation_code, what_if_code
from explainer.render.snippet import Origin
from explainer.render.wire import pack, unpack
from explainer.samples import sample
from explainer.tracing import maps, trace

torch.set_num_threads(1)
ORIGIN = Origin("tiny_vgg", "default", 'sample("coffee").load()', ("from explainer.samples import sample",))


@pytest.fixture(scope="module")
def recorded():
    loaded = load_model("tiny_vgg")
    return trace(loaded.model, loaded.preprocessing.apply(sample("coffee").load()))


def test_the_message_holds_the_tensors(recorded) -> None:
    after = what_if(recorded, [ChannelChange("conv_1_2", 3)])
    moved = difference(recorded, after)
    shown = next(one for one in moved if one.name == "conv_2_1")
    sent = unpack(pack(consequences(after, moved, recorded.nodes[-1], name=str, shown=shown, channel=4)))
    probabilities = after.output.output[0].double().softmax(0)
    for one in sent["classes"]:
        assert one["after"] == pytest.approx(float(probabilities[one["index"]]))
        assert one["scores"][1] == pytest.approx(float(after.output.output[0, one["index"]]))
    assert [one["name"] for one in sent["layers"]] == [one.name for one in moved]
    pictures = sent["shown"]
    assert pictures["channels"][0] == 4, "the asked one is first"
    gaps = (maps(after["conv_2_1"]) - maps(recorded["conv_2_1"])).square().mean((1, 2)).sqrt()
    rest = [number for number in gaps.argsort(descending=True).tolist() if number != 4]
    assert pictures["channels"][1:] == rest[: CHANNELS - 1]
    for side, found in (("before", recorded), ("after", after)):
        wanted = maps(found["conv_2_1"])[pictures["channels"]]
        assert torch.equal(torch.tensor(pictures[side]).reshape(wanted.shape), wanted)
    assert pictures["peak"] == pytest.approx(
        max(float(maps(found["conv_2_1"])[pictures["channels"]].abs().max()) for found in (recorded, after))
    )


def test_likely_classes_before_or_after() -> None:
    before, after = torch.zeros(20), torch.zeros(20)
    before[3], after[17] = 9.0, 9.0
    found = classes(before, after, str)
    assert found[0]["index"] == 3
    assert {3, 17} <= {one["index"] for one in found}


def run(code: str) -> list[str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "snippet", "exec"), {})
    return said.getvalue().strip().splitlines()


KERNEL = KernelChange("conv_1_2", 2, 1, tuple(float(number) / 9 for number in range(9)))


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (ChannelChange("conv_1_2", 3), ChannelChange("conv_2_1", 1, "mean"), KERNEL),
        (ChannelChange("conv_1_2", 3, "scale", -1.5), ChannelChange("conv_1_2", 2, "channel", source=5)),
        (BiasChange("conv_1_1", 0, 0.5), ChannelChange("conv_1_2", 0, "image", picture="chelsea"), KERNEL),
    ],
)
def test_the_code_says_what_the_page_says(recorded, changes) -> None:
    loaded = load_model("tiny_vgg")
    other = trace(loaded.model, loaded.preprocessing.apply(sample("chelsea").load()))
    made = [
        ChannelChange(c.node, c.channel, "image", other=other) if getattr(c, "how", "") == "image" else c
        for c in changes
    ]
    torch.set_printoptions(precision=4)
    (*_,) = said = run(what_if_code(ORIGIN, recorded, changes))
    assert said == str(what_if(recorded, made).output.output.softmax(1)).splitlines()


def test_the_other_snippets_run(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(run(moments_code(ORIGIN, "conv_1_2", 3))) == 9
    said = run(visualisation_code(ORIGIN, "conv_1_2", 3, Settings(steps=5, jitter=0, whole=False)))
    assert "->" in said[0]
    assert (tmp_path / "feature.png").is_file()
