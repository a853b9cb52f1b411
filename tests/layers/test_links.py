"""Changes in a link: what is written is read again, and nonsense is left out."""

from tracing.zoo import zoo

from explainer.layers.intervention import BiasChange, ChannelChange, KernelChange
from explainer.layers.links import MOST, read_changes, write_changes
from explainer.tracing import trace


def test_there_and_back() -> None:
    model, (images,) = zoo()["residual"]
    recorded = trace(model, images)
    changes = (
        ChannelChange("layer1.0.conv1:2", 3, "scale", -1.25),
        ChannelChange("conv", 0),
        ChannelChange("conv", 1, "mean"),
        ChannelChange("conv", 1, "channel", source=2),
        ChannelChange("conv", 1, "image", picture="chelsea"),
        KernelChange("conv", 2, 0, (0.5, -1.0, 1e-5)),
        BiasChange("conv", 2, 0.25),
    )
    text = write_changes(changes)
    read = read_changes(text, {"chelsea": recorded}.get)
    assert read == changes
    assert read[4].other is recorded
    assert read_changes(text) == (*changes[:4], *changes[5:]), "no such picture"


def test_nonsense_is_left_out() -> None:
    good = "zero/conv/1"
    for bad in (
        "",
        "x",
        "zero/conv",
        "zero/conv/x",
        "scale/conv/1",
        "scale/conv/1/nan",
        "scale/conv/1/-inf",
        "bias/conv/1/1e300",
        "kernel/conv/1/2/a,b",
    ):
        assert read_changes(f"{bad};{good}") == (ChannelChange("conv", 1),)
    assert read_changes("explode/conv/1") == ()
    assert len(read_changes(";".join([good] * 1000))) == MOST
