"""What the 2-D part shows: through links and back, after edits, beside a line of code."""

import random
from dataclasses import replace

import pytest
import torch

from explainer.errors import ReaderError
from explainer.playground.cells import (
    PATTERNS,
    digits,
    fitted_cells,
    pattern,
    patterns,
    picture,
    read_cells,
    write_cells,
)
from explainer.playground.conv_link import PARAMETERS, read_link, write_link
from explainer.playground.conv_setting import PAINTED, Setting, spec_of
from explainer.playground.convolution import Convolution
from explainer.playground.layer_code import read_layer, write_layer
from explainer.samples import sample


def test_the_usual_setting_needs_no_link():
    assert write_link(Setting()) == {}
    assert read_link({}) == Setting(filters=("",))
    assert write_layer(spec_of(Setting().layer)) == "nn.Conv2d(1, 1, 3, padding=1)"


def test_settings_come_back_from_their_links():
    dice = random.Random(1)
    for _ in range(200):
        transposed = dice.random() < 0.4
        groups = dice.choice((1, 2))
        layer = Convolution(
            2 * groups, 2 * groups, (dice.randint(1, 11), dice.randint(1, 11)),
            (dice.randint(1, 6), dice.randint(1, 6)), (dice.randint(0, 10), dice.randint(0, 10)),
            (dice.randint(1, 5), dice.randint(1, 5)), groups,
            "zeros" if transposed else dice.choice(("reflect", "circular", "zeros")),
            transposed, (1, 0) if transposed else (0, 0), dice.random() < 0.5,
        )  # fmt: skip
        setting = Setting(
            layer=layer,
            source=dice.choice(("cells", "photo")),
            rows=dice.randint(1, 20),
            columns=dice.randint(1, 20),
            cells=dice.choice(list(PATTERNS)),
            filters=("box", "", "resnet20/layer1.0.conv1/5/2"),
            edits={(0, 1, -1, 0): 0.25, (1, 0, 3, -2): -1e-5},
            biases={1: -2.5},
            flip=dice.random() < 0.5,
            relu=dice.random() < 0.5,
        )
        link = write_link(setting)
        assert link.keys() <= set(PARAMETERS)
        assert read_link(link) == setting


def test_odd_links_mean_the_usual():
    usual = read_link({})
    odd = {
        "k": "99", "s": "0", "p": "-1", "d": "1x2x3", "in": "9" * 5000, "out": "½", "g": "7", "mode": "x",
        "kind": "z", "source": "disk", "rows": "0", "cols": "1e3", "kernel": "../../etc,<b>",
        "w": "0.0.0.0:nan_a", "b": "0:1e99", "op": "3", "digit": "z", "side": "-",
    }  # fmt: skip
    assert replace(read_link(odd), filters=("",)) == usual
    assert read_link({"cells": "~rubbish"}).drawn().shape == (1, 9, 9)
    assert read_link({"p": "same", "s": "2"}).layer.padding == (1, 1)


def test_cells_come_back_and_nothing_else_does():
    values = (torch.randn(3, 7, 5) * 20).round() / 20
    assert torch.equal(read_cells(write_cells(values)), values)
    assert torch.equal(read_cells(write_cells(digits(8, 28, 2))), digits(8, 28, 2))
    for text in ("", "~", "AAAA", "x" * 400, write_cells(values)[:-20], "é"):
        assert read_cells(text) is None
    small = fitted_cells(values, 1, 9, 3)
    assert torch.equal(small[0, :7], values[0, :, :3])
    assert not small[0, 7:].any()


def test_patterns():
    assert pattern("cross", 5, 5).int().tolist()[2] == [1] * 5
    assert pattern("cross", 5, 5).sum() == 9
    assert pattern("cross", 6, 6).sum() == 11
    assert torch.equal(pattern("diagonal", 4, 4), torch.eye(4))
    assert pattern("edge", 3, 4).int().tolist() == [[0, 0, 1, 1]] * 3
    assert pattern("dot", 7, 7).sum() == 1
    assert torch.equal(pattern("ramp", 2, 4), torch.tensor([[0, 0.1, 0.2, 0.3]] * 2))
    made = patterns("cross", 3, 5, 5)
    assert made.shape == (3, 5, 5)
    assert not torch.equal(made[0], made[1])
    assert all(pattern(name, 1, 1).isfinite().all() for name in PATTERNS)


def test_pictures_in_cells():
    image = sample("shapes").load()
    assert picture(image, 32, 3).shape == (3, 32, 32)
    wide = sample("coffee").load()
    assert picture(wide, 32, 1).shape == (1, 21, 32)
    assert torch.equal(picture(image, 16, 5)[3], picture(image, 16, 5)[0])
    assert torch.equal(digits(3, 20, 2)[1], digits(4, 20, 1)[0])


def test_painting():
    setting, image = Setting(), Setting().drawn()
    edits = [
        {"kind": "paint", "channel": 0, "y": 0, "x": 8, "value": -1},
        {"kind": "paint", "channel": 0, "y": 9, "x": 0, "value": 5},
        {"kind": "paint", "channel": 0, "y": 1, "x": 1, "value": "2"},
        "nonsense",
        {"kind": "paint", "channel": 0, "y": 4, "x": 4, "value": 0.35},
    ]
    after = setting.after(edits, image)
    expected = image.clone()
    expected[0, 0, 8], expected[0, 4, 4] = -1, 0.35
    assert torch.equal(after.drawn(), expected)
    assert torch.equal(read_link(write_link(after)).drawn(), expected)
    larger = replace(after, rows=11)
    assert larger.drawn()[0, 0, 8] == -1
    assert after.after([{"kind": "pattern", "name": "dot"}], expected).cells == "dot"
    digit = Setting(source="digit", cells="").after(edits[:1], digits(7, 20, 1))
    assert digit.cells.startswith(PAINTED)
    assert digit.painted().shape == (1, 20, 20)


def test_weights_that_were_edited_stay_where_the_kernel_grows():
    layer = Convolution(2, 2, padding=(1, 1))
    setting = Setting(layer=layer, filters=("box",)).after(
        [
            {"kind": "weight", "output": 0, "nth": 1, "row": 0, "column": 2, "value": 7},
            {"kind": "weight", "output": 2, "nth": 1, "row": 0, "column": 2, "value": 7},
            {"kind": "bias", "output": 1, "value": -3},
        ],
        torch.zeros(2, 9, 9),
    )
    assert setting.weights({})[0, 1, 0, 2] == 7
    assert len(setting.edits) == 1
    assert setting.titles == ("own", "sobel-y")
    assert setting.bias().tolist() == [0, -3]
    grown = setting.with_layer(kernel=(5, 5)).weights({})
    assert grown[0, 1, 1, 3] == 7
    again = setting.with_filter(0, "identity")
    assert not again.edits
    assert again.weights({})[0, 0, 1, 1] == 0.5


def test_a_line_of_code_moves_everything():
    code = 'nn.Conv2d(3, 8, (3, 5), stride=2, padding=(1, 2), bias=False, padding_mode="circular")'
    setting = Setting().with_spec(read_layer(code))
    assert write_layer(spec_of(setting.layer)) == code
    assert setting.layer.out_channels == 8
    transposed = Setting().with_spec(
        read_layer("nn.ConvTranspose2d(2, 4, 3, stride=2, output_padding=1, groups=2)")
    )
    assert transposed.layer.transposed
    assert transposed.layer.output_padding == (1, 1)
    assert read_link(write_link(transposed)).layer == transposed.layer
    for large in ("nn.Conv2d(3, 64, 3)", "nn.Conv2d(3, 8, 13)", "nn.Conv2d(1, 1, 3, stride=7)"):
        with pytest.raises(ReaderError):
            Setting().with_spec(read_layer(large))


def test_changes_bring_the_rest_into_line():
    setting = Setting(layer=Convolution(4, 4, groups=4, padding="same"))
    assert setting.with_layer(out_channels=6).layer.groups == 2
    assert setting.with_layer(stride=(2, 2)).layer.padding == (1, 1)
    turned = replace(setting, layer=Convolution(padding_mode="reflect", padding=(1, 1))).with_layer(
        transposed=True
    )
    assert turned.layer.padding_mode == "zeros"
    extra = Setting(layer=Convolution(transposed=True, stride=(3, 3), output_padding=(2, 2)))
    assert extra.with_layer(stride=(1, 1)).layer.output_padding == (0, 0)
    assert setting.with_source("photo").layer.in_channels == 3
