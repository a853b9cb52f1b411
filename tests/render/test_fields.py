"""What the view of receptive fields is sent, and the code it shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tracing.zoo import zoo

from explainer.models import load_model
from explainer.render.fields import HEAT_SIDE, effective, heat, opening, plane, snippet, steps
from explainer.render.snippet import Origin
from explainer.render.wire import pack, unpack
from explainer.samples import sample
from explainer.tracing import (
    Trace,
    effective_receptive_field,
    maps,
    receptive_field,
    trace,
    with_softmax,
)


@pytest.fixture(scope="module")
def recorded() -> Trace:
    loaded = load_model("tiny_vgg")
    found = trace(loaded.model, loaded.preprocessing.apply(sample("drawn-pizza").load()))
    return with_softmax(found, found.nodes[-1])


def test_the_tables_hold_every_unit(recorded: Trace) -> None:
    node = recorded["conv_2_2"]
    picture = np.zeros((64, 64, 3), np.uint8)
    message = unpack(pack(opening(recorded, node, picture, 2)))
    channels, height, width = message["extent"]
    assert (channels, height, width) == (10, 26, 26)
    rows, columns = (
        {k: v for k, v in table.items() if k in ("field", "seen")} for table in message["tables"]
    )
    for y, x in ((0, 0), (25, 3), (13, 25)):
        field = receptive_field(recorded, node, y, x)
        for name, box in (("field", field.box), ("seen", field.seen)):
            top, bottom = rows[name].reshape(-1, 2)[y]
            left, right = columns[name].reshape(-1, 2)[x]
            assert (top, left, bottom, right) == box
    assert message["size"] == [14, 14]
    assert message["stride"] == [2, 2]
    assert message["status"] == "exact"
    assert message["planes"]["channels"] is None
    np.testing.assert_array_equal(message["planes"]["values"], maps(node).reshape(-1).numpy())


def test_a_large_layer_is_sent_channel_by_channel(monkeypatch: pytest.MonkeyPatch, recorded: Trace) -> None:
    monkeypatch.setattr("explainer.render.fields.WHOLE", 1000)
    node = recorded["conv_1_1"]
    message = opening(recorded, node, np.zeros((64, 64, 3), np.uint8), 7)
    assert message["planes"]["channels"] == [7]
    assert torch.equal(message["planes"]["values"][0], maps(node)[7])
    assert torch.equal(plane(node, 3)["planes"]["values"][0], maps(node)[3])


def test_the_way_from_the_image_names_every_change(recorded: Trace) -> None:
    found = steps(recorded, recorded["conv_2_2"])
    sizes = [step["size"] for step in found]
    assert sizes == [[1, 1], [3, 3], [5, 5], [6, 6], [10, 10], [14, 14]]
    assert found[0]["node"] == "input"
    assert found[-1]["node"] == "conv_2_2"


def test_the_way_follows_the_branch_that_sees_most_and_keeps_the_local_field() -> None:
    model, (image,) = zoo()["squeeze_excite"]
    found = trace(model, image)
    way = steps(found, found["mul"])
    assert [step["node"] for step in way] == ["input", "conv", "mul"]
    assert [step["local"] for step in way] == [[1, 1], [3, 3], [3, 3]]
    assert way[-1]["status"] == "bound"


def test_the_heat_is_the_gradient_and_fits(recorded: Trace) -> None:
    node = recorded["conv_2_2"]
    message = effective(recorded, node, 3, 10, 8)
    expected = effective_receptive_field(recorded, node, 3, 10, 8)
    assert torch.equal(message["values"], expected)
    assert (message["height"], message["width"], message["photos"]) == (64, 64, 1)
    large = torch.rand(900, 600)
    small = heat(large, node, 0, 0, 0)
    assert max(small["height"], small["width"]) == HEAT_SIDE
    assert small["values"].max() == large.max()


@pytest.mark.parametrize("name", ["conv_2_2", "softmax", "relu_1_1"])
def test_the_code_prints_box_and_heat(recorded: Trace, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    node = recorded[name]
    y, x = (10, 8) if len(node.shape) == 4 else (0, 0)
    origin = Origin(
        "tiny_vgg", "default", 'sample("drawn-pizza").load()', ("from explainer.samples import sample",)
    )
    code = snippet(origin, node, 3, y, x, logits=recorded.nodes[-2])
    exec(compile(code, "snippet", "exec"), {})
    field = receptive_field(recorded, node, y, x)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{field.box} {field.status}"
    assert second == f"{field.size} {field.stride} {field.padding}"
    peak = float(effective_receptive_field(recorded, node, 3, y, x).max())
    assert float(third) == pytest.approx(peak, rel=1e-5)
