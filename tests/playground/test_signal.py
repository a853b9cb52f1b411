"""Convolution in one dimension: the examples of the course, and every option against arithmetic by hand."""

import random

import pytest
import torch

from explainer.errors import ReaderError
from explainer.playground.line_link import read_line, spaced, write_line
from explainer.playground.line_presets import FIRST, PRESETS
from explainer.playground.signal import MODES, Line, check, convolve, likeness, matrix, padded, windows


def numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split()))


COURSE = [
    ("0 1 0 1 0 0 1 1 1 0", "1 0 1", [0, 2, 0, 1, 1, 1, 2, 1]),
    ("0 1 2 1 0 0 1 1 1 0", "1 0 1", [2, 2, 2, 1, 1, 1, 2, 1]),
    ("0 1 2 1 0 0 1 1 1 0", "1 2 1", [4, 6, 4, 1, 1, 3, 4, 3]),
]


def some_lines(count: int = 60) -> list[Line]:
    """Lines with every option, all of which have an output."""
    chance = random.Random(5)
    found: list[Line] = []
    while len(found) < count:
        line = Line(
            tuple(round(chance.uniform(-3, 3), 2) for _ in range(chance.randint(1, 14))),
            tuple(round(chance.uniform(-2, 2), 2) for _ in range(chance.randint(1, 5))),
            chance.randint(1, 3),
            chance.randint(0, 4),
            chance.randint(1, 3),
            chance.choice(MODES),
            chance.random() < 0.5,
        )
        try:
            check(line)
        except ReaderError:
            continue
        found.append(line)
    return found


def by_hand(line: Line) -> list[float]:
    """The output by the formula of the lesson, with no PyTorch in it."""
    count = len(line.data)

    def value(i: int) -> float:
        if 0 <= i < count:
            return line.data[i]
        if line.mode == "zeros":
            return 0.0
        if line.mode == "replicate":
            return line.data[0 if i < 0 else -1]
        if line.mode == "circular":
            return line.data[i % count]
        return line.data[-i if i < 0 else 2 * (count - 1) - i]

    weights = list(reversed(line.kernel)) if line.flip else line.kernel
    size = (count + 2 * line.padding - line.dilation * (len(weights) - 1) - 1) // line.stride + 1
    return [
        sum(w * value(j * line.stride + k * line.dilation - line.padding) for k, w in enumerate(weights))
        for j in range(size)
    ]


@pytest.mark.parametrize(("data", "kernel", "output"), COURSE)
def test_the_examples_of_the_course(data, kernel, output):
    line = Line(numbers(data), numbers(kernel))
    assert convolve(line).tolist() == output
    assert line in [preset.line for preset in PRESETS]


def test_every_option_against_the_formula():
    for line in some_lines():
        found = convolve(line)
        assert len(found) == line.size
        torch.testing.assert_close(found, torch.tensor(by_hand(line)), rtol=1e-5, atol=1e-5)


def test_the_layer_of_pytorch_gives_the_same():
    for line in some_lines(24):
        layer = torch.nn.Conv1d(
            1,
            1,
            len(line.kernel),
            stride=line.stride,
            padding=line.padding,
            dilation=line.dilation,
            padding_mode=line.mode,
            bias=False,
        )
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(line.weights))
            torch.testing.assert_close(layer(torch.tensor(line.data)[None, None])[0, 0], convolve(line))


def test_windows_matrix_and_likeness_agree_with_the_output():
    for line in some_lines():
        output, weights = convolve(line), torch.tensor(line.weights)
        torch.testing.assert_close(windows(line) @ weights, output)
        torch.testing.assert_close(matrix(line) @ torch.tensor(line.data), output, rtol=1e-5, atol=1e-5)
        lengths = windows(line).norm(dim=1) * weights.norm()
        torch.testing.assert_close(likeness(line) * lengths, output, rtol=1e-4, atol=1e-4)


def test_the_matrix_shares_its_weights_along_the_diagonals():
    found = matrix(FIRST)
    assert found.shape == (8, 10)
    for row in range(8):
        assert found[row].tolist() == [0.0] * row + [1.0, 0.0, 1.0] + [0.0] * (7 - row)


def test_the_pattern_and_the_loud_window_differ_in_likeness():
    alike = likeness(FIRST)
    assert convolve(FIRST)[1] == convolve(FIRST)[6] == 2
    assert alike[1].item() == pytest.approx(1)
    assert alike[6].item() == pytest.approx(2 / 6**0.5)
    assert alike[0].item() == 0


def test_a_flipped_kernel_is_numpy_convolution():
    import numpy as np

    line = Line(numbers("3 1 4 1 5 9 2 6"), numbers("1 2 -1"), flip=True)
    assert convolve(line).tolist() == np.convolve(line.data, line.kernel, mode="valid").tolist()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (Line((1.0, 2.0), (1.0, 1.0, 1.0)), "reaches over 3 cells, but there are only 2"),
        (Line((1.0, 2.0, 3.0), (1.0, 1.0), dilation=3), "reaches over 4 cells"),
        (Line((1.0, 2.0), (1.0,), padding=2, mode="reflect"), "2 cells cannot be mirrored from 2 values"),
        (Line((1.0,), (1.0,), padding=2, mode="circular"), "2 cells cannot be taken from 1 values"),
    ],
)
def test_what_cannot_be_computed_is_said(line, says):
    for compute in (convolve, matrix, likeness, padded):
        with pytest.raises(ReaderError, match=says):
            compute(line)


def test_presets_have_outputs_and_names_of_their_own():
    assert len({preset.key for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        assert len(convolve(preset.line)) > 4
        assert preset.view in {"pattern", "plot", "matrix"}
    hidden = next(preset.line for preset in PRESETS if preset.key == "hidden")
    alike = likeness(hidden)
    assert sorted(alike.topk(3).indices.tolist()) == [3, 14, 26]
    assert alike.topk(3).values.min() > 0.97


# --- links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [preset.line for preset in PRESETS] + some_lines(20))
def test_a_link_gives_the_same_line(line):
    assert read_line(write_line(line)) == line


def test_the_first_line_needs_no_parameters():
    assert write_line(FIRST) == {}
    assert read_line({}) == FIRST


@pytest.mark.parametrize(
    "link",
    [
        {"data": "one two"},
        {"data": ""},
        {"data": "1e99"},
        {"data": "nan inf"},
        {"data": "1 " * 65},
        {"kernel": "1 " * 16},
        {"kernel": None},
        {"data": ["0"]},
        {"stride": "0"},
        {"stride": "9" * 5000},
        {"padding": "-1"},
        {"dilation": "two"},
        {"mode": "mirror"},
        {"flip": "yes"},
    ],
)
def test_nonsense_in_a_link_is_as_at_first(link):
    assert read_line(link) == FIRST


def test_numbers_are_read_as_people_type_them():
    assert read_line({"data": "１ −2,3;  0.5"}).data == (1.0, -2.0, 3.0, 0.5)
    assert spaced((1.0, -2.0, 0.5)) == "1 -2 0.5"
