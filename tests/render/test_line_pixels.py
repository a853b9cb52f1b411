"""What the views of lines and of pixels are sent, and the code that reproduces it."""

import contextlib
import io

import numpy as np
import pytest
import torch

from explainer.playground.line_presets import PRESETS
from explainer.playground.pixels import array, batch, codes, fitted, grey, normalised, own_scale, restored
from explainer.playground.signal import Line, convolve, matrix
from explainer.render import line as line_frame
from explainer.render import pixels as pixels_frame
from explainer.render.line_code import line_code
from explainer.render.pixels_code import pixels_code
from explainer.render.wire import pack, unpack
from explainer.samples import sample


def run(code: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "panel", "exec"), {})
    return said.getvalue()


OPTIONS = [
    Line((1.0, 2.0, -3.0, 0.5, 4.0), (1.0, -2.0), stride=2, padding=1),
    Line((1.0, 2.0, -3.0, 0.5, 4.0), (1.0, -2.0), padding=2, dilation=2, mode="reflect", flip=True),
    Line((1.0, 2.0, -3.0, 0.5, 4.0), (0.5,), flip=True),
]


@pytest.mark.parametrize("line", [preset.line for preset in PRESETS] + OPTIONS)
def test_the_code_of_a_line_prints_what_is_shown(line):
    place = line.size - 1
    torch.set_printoptions(profile="full", sci_mode=False)
    try:
        said = run(line_code(line, place))
        output = convolve(line)
        assert f"{output}" in said
        assert str(output[place]) in said
        assert str(matrix(line)) in said
    finally:
        torch.set_printoptions(profile="default")


def test_a_line_is_sent_with_the_tensors():
    line = PRESETS[0].line
    sent = unpack(pack(line_frame.sent(line, place=99, panel="plot", serial=3)))
    assert sent["output"].tolist() == convolve(line).tolist()
    assert sent["matrix"].reshape(8, 10).tolist() == matrix(line).tolist()
    assert sent["line"]["data"] == list(line.data)
    assert (sent["place"], sent["panel"], sent["serial"]) == (7, "plot", 3)


def test_a_line_with_no_output_is_sent_all_the_same():
    sent = unpack(pack(line_frame.sent(Line((1.0,), (1.0, 1.0)), place=4, panel="matrix", serial=0)))
    assert sent["place"] == 0
    assert len(sent["output"]) == len(sent["matrix"]) == len(sent["likeness"]) == 0


def test_the_tables_of_bytes_are_the_tensors():
    pixels = array(fitted(sample("chelsea").load()))
    sent = unpack(pack(pixels_frame.sent(pixels)))
    shape = (sent["height"], sent["width"])
    levels, x = grey(pixels), batch(pixels)
    flat = pixels.numpy().reshape(-1, 3)
    assert np.array_equal(sent["grey"].reshape(shape), levels.numpy())
    assert sent["counts"].sum() == shape[0] * shape[1]
    assert sent["counts"][levels[3, 4]] == (levels == levels[3, 4]).sum()
    assert np.array_equal(sent["scaled"][flat[:, 1]].reshape(shape), x[0, 1].numpy())
    for bits in (1, 3, 8):
        table = sent["codes"].reshape(8, 256)[bits - 1]
        assert np.array_equal(table[levels], codes(levels, bits).numpy())
        shown = sent["shown"].reshape(8, 256)[bits - 1]
        assert np.array_equal(shown[levels], restored(codes(levels, bits), bits).numpy())
    own = normalised(x, own_scale(pixels))
    table = sent["scales"]["photo"]["table"].reshape(3, 256)
    assert np.array_equal(table[2][flat[:, 2]].reshape(shape), own[0, 2].numpy())


@pytest.mark.parametrize("scale", ["imagenet", "signed", "photo"])
def test_the_code_of_a_pixel_prints_what_is_shown(scale):
    image = fitted(sample("hubble").load())
    pixels = array(image)
    imports = ("from explainer.samples import sample",)
    code = pixels_code(
        'sample("hubble").load()', imports, place=(1, 12, 30), bits=3, scale=scale, shrunk=True
    )
    first, value, level, size = run(code).strip().splitlines()
    byte = pixels[12, 30, 1].item()
    assert first.split()[0] == f"tensor({byte},"
    known = {"imagenet": pixels_frame.IMAGENET, "signed": pixels_frame.SIGNED, "photo": own_scale(pixels)}[
        scale
    ]
    expected = normalised(batch(pixels), known)[0, 1, 12, 30].item()
    assert float(value.removeprefix("tensor(").removesuffix(")")) == pytest.approx(expected, abs=2e-4)
    shade = grey(pixels)[12, 30].item()
    assert level.split()[-1] == f"{shade >> 5:03b}"
    assert size == f"{pixels.shape[0] * pixels.shape[1] * 3} bits"
