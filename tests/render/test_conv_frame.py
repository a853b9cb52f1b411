"""What the browser gets of a convolution, and the code beside it."""

from dataclasses import replace

import pytest
import torch

from explainer.models import load_model
from explainer.playground.cells import digits
from explainer.playground.conv_setting import Setting
from explainer.playground.convolution import Axis, Convolution
from explainer.render.conv_code import conv_code
from explainer.render.conv_frame import axis_frame


def test_an_axis_with_reflected_padding():
    found = axis_frame(Axis(4, 3, stride=2, before=2, after=2, mode="reflect"))
    assert found["low"] == -2
    assert found["source"].tolist() == [2, 1, 0, 1, 2, 3, 2, 1]
    assert found["kind"].tolist() == [2, 2, 0, 0, 0, 0, 2, 2]
    assert found["read"].tolist() == [1] * 7 + [0]
    assert (found["step"], found["tapStep"], found["offset"], found["out"]) == (2, 1, -2, 3)


def test_an_axis_spread_out():
    found = axis_frame(Axis(3, 2, stride=3, dilation=2, transposed=True))
    assert found["low"] == -2
    assert found["source"].tolist() == [-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1]
    assert found["kind"].tolist() == [1, 1, 0, 3, 3, 0, 3, 3, 0, 1, 1]
    assert (found["step"], found["tapStep"], found["offset"], found["out"]) == (1, -2, 0, 9)


SETTINGS = {
    "plain": Setting(),
    "strided": Setting(
        layer=Convolution(2, 4, (3, 2), (2, 1), (1, 2), (1, 2), 2, "circular"),
        filters=("emboss", "random"),
        edits={(0, 0, 0, 0): 0.1},
        biases={1: -0.3},
        flip=True,
        relu=True,
    ),
    "same": Setting(layer=Convolution(padding="same", kernel=(4, 4), bias=False)),
    "transposed": Setting(
        layer=Convolution(2, 4, (3, 3), (2, 2), (1, 1), groups=2, transposed=True, output_padding=(1, 1))
    ),
    "large": Setting(layer=Convolution(4, 4, (9, 9), padding=(4, 4), transposed=True), rows=20, columns=20),
}


def run(code: str) -> torch.Tensor:
    space: dict = {"print": lambda *_: None}
    exec(code, space)
    return space["y"]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_code_gives_the_numbers(name):
    setting = SETTINGS[name]
    image, weight, bias = setting.drawn(), setting.weights({}), setting.bias()
    expected = setting.layer.apply(image[None], weight, bias, flip=setting.flip)[0]
    found = run(conv_code(setting, "", (), image, weight, bias))
    torch.testing.assert_close(found, expected.relu() if setting.relu else expected)


def test_the_code_of_a_digit_under_a_trained_kernel():
    layer = Convolution(3, 8, (3, 3), padding=(1, 1))
    setting = replace(Setting(), source="digit", layer=layer, filters=("resnet20/conv1/3",) * 8)
    filter = load_model("resnet20").model.get_submodule("conv1").weight[3].detach()
    weight = setting.weights({"resnet20/conv1/3": filter})
    assert torch.equal(weight[0], filter)
    # More weights than are written out: the code opens the network itself.
    large = replace(setting, layer=replace(layer, in_channels=8))
    big = large.weights({"resnet20/conv1/3": filter})
    image = digits(5, 14, 8)
    code = conv_code(
        large, "digits(5, 14, 8)", ("from explainer.playground.cells import digits",), image, big, None
    )
    assert "load_model" in code
    expected = large.layer.apply(image[None], big, torch.zeros(8))[0]
    made = replace(large, layer=replace(large.layer, bias=False))
    code = conv_code(
        made, "digits(5, 14, 8)", ("from explainer.playground.cells import digits",), image, big, None
    )
    torch.testing.assert_close(run(code), expected)
