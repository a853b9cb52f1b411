"""Pooling against PyTorch's functions, and what a move changes against maps worked out by hand."""

import random

import pytest
import torch
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.playground.exercises import make
from explainer.playground.exercises.pooling import EXERCISES
from explainer.playground.layer_code import read_layer
from explainer.playground.pooling import (
    blur_pool,
    compare_shift,
    divisor,
    is_max,
    output_size,
    pool,
    shifted,
    sweep,
    windows,
)


def numbers(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 10, (height, width), generator=torch.Generator().manual_seed(seed)).float()


def by_windows(spec, values: torch.Tensor) -> torch.Tensor:
    """The same map, from the windows alone."""
    height, width = values.shape
    where = windows(spec, height, width)
    out = torch.zeros(len(where.rows), len(where.columns))
    for i, rows in enumerate(where.rows):
        for j, columns in enumerate(where.columns):
            seen = [
                values[y, x]
                for y in range(rows[0], rows[1], where.step[0])
                for x in range(columns[0], columns[1], where.step[1])
                if 0 <= y < height and 0 <= x < width
            ]
            if is_max(spec):
                out[i, j] = max(seen)
            else:
                out[i, j] = sum(seen) / divisor(spec, rows, columns, height, width)
    return out


CODES = [
    "nn.MaxPool2d(2)",
    "nn.MaxPool2d(3, stride=2, padding=1)",
    "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
    "nn.MaxPool2d((2, 3), stride=(1, 2), dilation=2)",
    "nn.MaxPool2d(2, stride=3, ceil_mode=True)",
    "nn.AvgPool2d(3, stride=2, padding=1)",
    "nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)",
    "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)",
    "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
    "nn.AvgPool2d(2, divisor_override=3)",
    "nn.AdaptiveAvgPool2d(1)",
    "nn.AdaptiveMaxPool2d((2, 3))",
    "nn.AdaptiveAvgPool2d((None, 2))",
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("size", [(8, 8), (7, 10), (9, 6)])
def test_the_windows_are_those_of_pytorch(code, size):
    spec = read_layer(code)
    values = numbers(*size)
    torch.testing.assert_close(by_windows(spec, values), pool(spec, values))


def test_the_size_by_the_formula_for_all_settings():
    rng = random.Random(5)
    for _ in range(150):
        kernel = rng.randint(1, 6)
        code = (
            f"nn.MaxPool2d({kernel}, stride={rng.randint(1, 5)}, padding={rng.randint(0, kernel // 2)}, "
            f"dilation={rng.randint(1, 2)}, ceil_mode={rng.random() < 0.5})"
        )
        spec = read_layer(code)
        values = numbers(rng.randint(12, 20), 14)
        expected = F.max_pool2d(values[None, None], **spec.arguments).shape
        found = [output_size(spec, size, direction).output for direction, size in enumerate(values.shape)]
        assert found == list(expected[2:]), code


def test_what_ceil_mode_leaves_out():
    spec = read_layer("nn.MaxPool2d(2, stride=4, ceil_mode=True)")
    found = output_size(spec, 8, 0)
    assert found.positions == 1.5
    assert found.dropped
    assert found.output == 2 == pool(spec, numbers(8, 8)).shape[0]


def test_a_window_larger_than_the_input_is_refused():
    with pytest.raises(ReaderError, match="larger than the data"):
        pool(read_layer("nn.MaxPool2d(9)"), numbers(8, 8))


def test_a_moved_picture():
    values = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
    assert shifted(values, 0, 1).tolist() == [[1, 1, 2], [4, 4, 5]]
    assert shifted(values, -1, -1).tolist() == [[5, 6, 6], [5, 6, 6]]
    assert shifted(values, 0, 8).tolist() == [[1, 1, 1], [4, 4, 4]]


def test_what_a_move_changes_by_hand():
    row = torch.tensor([[0.0, 0, 9, 0, 0, 6, 0, 0]])
    spec = read_layer("nn.MaxPool2d((1, 2))")
    one = compare_shift(spec, row, 0, 1)  # 0 9 6 0 becomes 0 9 0 6
    assert one.input.same == 4 / 8
    assert one.output.same == 2 / 4
    assert one.output.mean == pytest.approx((6 + 6) / 9 / 4)
    assert not one.whole
    two = compare_shift(spec, row, 0, 2)
    assert two.whole
    assert two.moved is not None
    assert (two.moved.same, two.moved.mean, two.cells) == (1, 0, (0, 1))


@pytest.mark.parametrize("code", CODES[:9])
@pytest.mark.parametrize("sign", [1, -1])
def test_pooling_is_equivariant_to_whole_strides(code, sign):
    spec = read_layer(code)
    stride = spec["stride"]
    found = compare_shift(spec, numbers(24, 25), sign * stride[0], sign * stride[1])
    assert found.whole
    assert found.cells == (sign, sign)
    assert found.moved is not None
    assert found.moved.same == 1
    assert found.output.same < 1


def test_no_whole_shift_of_the_output_fits_a_move_by_part_of_a_stride():
    found = compare_shift(read_layer("nn.MaxPool2d(2)"), numbers(24, 24), 0, 1)
    assert not found.whole
    assert found.moved is not None
    assert found.moved.same < 1


def test_a_global_maximum_bears_moves():
    values = torch.zeros(8, 8)
    values[4, 4] = 7
    found = compare_shift(read_layer("nn.AdaptiveMaxPool2d(1)"), values, 1, -2)
    assert found.output.same == 1
    assert found.input.same < 1


def test_blur_before_the_stride():
    """Against max pooling, convolution and slicing, one after the other."""
    values = numbers(12, 12)
    dense = F.max_pool2d(values[None, None], 2, stride=1)
    around = F.pad(dense, (1, 1, 1, 1), mode="replicate")
    kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    expected = F.conv2d(around, kernel[None, None])[0, 0, ::2, ::2]
    torch.testing.assert_close(blur_pool(read_layer("nn.MaxPool2d(2)"), values), expected)


def test_blur_lessens_the_change_of_noise():
    found = sweep(read_layer("nn.MaxPool2d(2)"), numbers(40, 40), 4)
    assert [plain.whole for plain, _ in found] == [True, False, True, False, True]
    for plain, blurred in found:
        assert blurred is not None
        assert plain.moved is not None
        assert blurred.moved is not None
        if plain.whole:
            assert plain.moved.mean == 0
            assert blurred.moved.mean == pytest.approx(0, abs=1e-6)
        else:
            assert 0 < blurred.moved.mean < plain.moved.mean


def test_the_exercises_have_right_answers():
    for seed in range(30):
        found = make(EXERCISES, seed)
        size = found["output_size"]
        spec = read_layer(str(size.fields["code"]))
        assert size.answer == output_size(spec, int(str(size.fields["size"])), 0).output
        assert size.accepts(str(size.answer))
        assert len(found["maximum"].answer) == 4
        assert 0 <= found["after_a_move"].answer <= 4
        average = found["padded_average"]
        assert average.answer == pytest.approx(average.fields["total"] / average.fields["divisor"])
        for exercise in found.values():
            exercise.question.format(**exercise.fields)
            exercise.why.format(**exercise.fields)
