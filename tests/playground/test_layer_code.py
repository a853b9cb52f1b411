"""The code of layers: read, written, and refused in words; PyTorch's own modules are the reference."""

import inspect
import random

import pytest
import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.playground import layer_code
from explainer.playground.layer_code import build, layer, read_chain, read_layer, write_chain, write_layer
from explainer.playground.layer_specs import KINDS, LARGEST_SIZE, REQUIRED

WORDS = {
    "padding_mode": ("zeros", "reflect", "replicate", "circular"),
    "approximate": ("none", "tanh"),
}


def drawn(kind: str, rng: random.Random):
    """A layer with random arguments, or ``None`` where they do not go together."""
    values = {}
    for argument in KINDS[kind]:
        if argument.default is not REQUIRED and rng.random() < 0.4:
            continue
        values[argument.name] = drawn_value(argument.name, rng)
    try:
        return layer(kind, **values)
    except ReaderError:
        return None


def drawn_value(name: str, rng: random.Random):
    if name in WORDS:
        return rng.choice(WORDS[name])
    if name in ("bias", "inplace", "ceil_mode", "count_include_pad", "affine", "track_running_stats"):
        return rng.random() < 0.5
    if name == "return_indices":
        return False
    if name in ("p", "eps", "momentum", "negative_slope"):
        return rng.choice([0.0, 1.0, 0.25, 1e-5, 0.1, 0.5])
    if name == "padding":
        return rng.choice([0, 1, 2, (0, 3), "same"])
    if name == "groups":
        return rng.choice([1, 2, 3])
    if name.endswith(("channels", "features")):
        return rng.choice([1, 2, 3, 6, 12])
    if name == "divisor_override":
        return rng.choice([None, 3])
    if name.endswith("_dim"):
        return rng.choice([1, -1, 2])
    return rng.choice([1, 2, 3, 5, (3, 1), (2, 5)])


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_those_of_pytorch(kind):
    signature = inspect.signature(getattr(nn, kind)).parameters
    ours = {argument.name: argument for argument in KINDS[kind]}
    theirs = {name: p for name, p in signature.items() if name not in ("device", "dtype", "args", "kwargs")}
    if kind != "Identity":
        assert list(ours) == list(theirs)
        assert ours.keys() == theirs.keys()
    for name, argument in ours.items():
        default = signature[name].default
        assert argument.default == (REQUIRED if default is inspect.Parameter.empty else default), name


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_back_and_builds_the_same_module(kind):
    rng = random.Random(kind)
    tried = 0
    for _ in range(100):
        spec = drawn(kind, rng)
        if spec is None:
            continue
        tried += 1
        code = write_layer(spec)
        assert read_layer(code) == spec, code
        assert repr(build(spec)) == repr(eval(code, {"nn": nn})), code  # our own words, so this is safe
    assert tried > 5


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.Conv2d(4, 8, (1, 5), padding="same", groups=2, bias=False, dilation=(1, 2)),
        nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1, output_padding=1),
        nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
        nn.AvgPool2d((2, 3), 1),
        nn.AdaptiveAvgPool2d((1, None)),
        nn.BatchNorm2d(7, eps=1e-3),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(12, 5, bias=False),
    ],
    ids=str,
)
def test_what_pytorch_prints_is_read(module):
    spec = read_layer(repr(module))
    assert repr(build(spec)) == repr(module)
    assert read_layer(write_layer(spec)) == spec


def test_the_shortest_code():
    code = "nn.Conv2d(3, 8, 3, stride=2, padding=1)"
    longest = "torch.nn.Conv2d(in_channels=3, out_channels=8, kernel_size=(3,3), stride=[2, 2], padding=1)"
    assert write_layer(read_layer(longest)) == code == write_layer(read_layer(code))
    assert write_layer(read_layer("MaxPool2d(2, 2)")) == "nn.MaxPool2d(2)"
    assert write_layer(read_layer("nn.Conv2d(3, 8, (3, 5), padding='valid')")) == "nn.Conv2d(3, 8, (3, 5))"
    assert write_layer(read_layer("nn.Dropout(p=0.5)")) == "nn.Dropout()"


def test_the_parameters_are_those_of_the_module():
    rng = random.Random(7)
    for kind in KINDS:
        for _ in range(12):
            spec = drawn(kind, rng)
            if spec is not None:
                assert layer_code.parameters_of(spec) == sum(p.numel() for p in build(spec).parameters()), (
                    spec
                )


def test_full_width_characters_are_read():
    assert read_layer("ｎｎ．Ｃｏｎｖ２ｄ（３，８、３）") == read_layer("nn.Conv2d(3, 8, 3)")


@pytest.mark.parametrize(
    "text",
    [
        "nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2))",
        "nn.Conv2d(1, 6, 5)\nnn.ReLU()\nnn.MaxPool2d(2)",
        "  nn.Conv2d(1, 6, 5),\r\n  nn.ReLU(),  # bends\r\n  nn.MaxPool2d(2),",
        "[nn.Conv2d(1, 6, 5), nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))]",
        "self.c1 = nn.Conv2d(1, 6, 5)\nself.act = nn.ReLU()\nself.s2 = nn.MaxPool2d(2)",
        "Conv2d(1, 6, 5); ReLU(); MaxPool2d(2)",
    ],
)
def test_a_chain_in_many_ways(text):
    chain = read_chain(text)
    assert [spec.kind for spec in chain] == ["Conv2d", "ReLU", "MaxPool2d"]
    assert read_chain(write_chain(chain)) == chain
    assert eval(write_chain(chain), {"nn": nn})(torch.zeros(1, 1, 28, 28)).shape == (1, 6, 12, 12)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "Write a layer"),
        ("nn.Conv2d(3, 8)", "needs “kernel_size”, its argument number 3"),
        ("nn.Conv2d(3, 8, 3, stride=0)", "“stride” at column 27 must be a whole number from 1 to 64"),
        ("nn.Conv2d(3, 8, 3, -1)", "“stride” at column 20"),
        ("nn.Conv2d(3, 8, 3, stryde=2)", "no argument “stryde” (column 20)"),
        ("nn.Conv2d(3, 8, 3, stride=2, stride=2)", "“stride” is given twice, again at column 30"),
        ("nn.Conv2d(3, 8, True)", "“kernel_size” at column 17"),
        ("nn.Conv2d(3, 8, 3.0)", "“3.0” is not"),
        ("nn.Conv2d(3, 8, 3, padding='big')", "'same' or 'valid'"),
        ("nn.Conv2d(3, 8, 3, padding_mode='zero')", "one of 'zeros', 'reflect'"),
        ("nn.Conv2d(3, 8, 3, stride=2, padding='same')", "only defined where “stride” is 1"),
        ("nn.Conv2d(3, 8, 3, groups=2)", "“in_channels” (3) cannot be shared out to 2 groups"),
        ("nn.Conv2d(99999, 8, 3)", "“in_channels” at column 11 must be a whole number from 1 to 4096"),
        ("nn.MaxPool2d(2, padding=2)", "at most half of “kernel_size” (2)"),
        ("nn.MaxPool2d(2, return_indices=True)", "False on this page"),
        ("nn.ReLU(True, 1)", "“1” at column 15 is one too many"),
        ("nn.Conv2D(3, 8, 3)", "Did you mean nn.Conv2d?"),
        ("nn.Conv2d(3, 8, 3", "cannot be read at column 10"),
        ("nn.Conv2d(3, 8, 3))", "cannot be read at column 19"),
        ("nn.Conv2d(*sizes)", "“*sizes” is not"),
        ("nn.Conv2d(**sizes)", "no argument “**”"),
        ("nn.ReLU()\nnn.Conv2d(1, 2, 0)", "“kernel_size” at line 2, column 17"),
        ("日本 = nn.Conv2d(1, 2, 0)", "“kernel_size” at column 22"),
    ],
)
def test_messages_name_the_argument_and_its_place(code, told):
    with pytest.raises(ReaderError) as caught:
        read_chain(code)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('touch /tmp/evaluated')",
        "nn.Conv2d(3, 8, __import__('os').getpid())",
        "nn.Conv2d(3, 8, 2**9**9**9)",
        "nn.Conv2d(3, 8, 9" + "9" * 3000 + ")",
        "-" * 3000 + "1",
        "nn.Conv2d(3, 8, " + "-" * 2000 + "1)",
        "(" * 190 + ")" * 190,
        "[" * 90 + "]" * 90,
        "nn." + "a." * 1500 + "b()",
        "lambda: nn.ReLU()",
        "x := 3",
        "nn.ReLU()" * 2,
        "[nn.ReLU() for i in range(10**9)]",
        "import os",
        "nn.ReLU()\x00",
        "nn.ReLU()\u2028nn.ReLU(2)",
        "nn.LeakyReLU(1e999)",
        "nn.ReLU(\n" * 300,
        "nn.ReLU();" * 100,
        "a" * 100_000,
        "f'{1}'",
        "nn.ReLU.__class__()",
        "os.Conv2d(3, 8, 3)",
        "'nn.ReLU()'",
        "...",
    ],
)
def test_nothing_is_evaluated_and_everything_has_an_end(code):
    with pytest.raises(ReaderError):
        read_chain(code)


def test_a_layer_too_large_is_not_built():
    with pytest.raises(ReaderError, match="parameters"):
        build(read_layer("nn.Conv2d(4096, 4096, 64)"))


def test_one_layer_where_one_is_wanted():
    with pytest.raises(ReaderError, match="these are 2"):
        read_layer("nn.ReLU(), nn.ReLU()")
    with pytest.raises(ReaderError, match="does not belong here"):
        read_layer("nn.ReLU()", kinds=("MaxPool2d",))


def test_another_value_of_one_argument():
    spec = read_layer("nn.Conv2d(3, 8, 3)").but(stride=2)
    assert spec["stride"] == (2, 2)
    assert spec == read_layer("nn.Conv2d(3, 8, 3, stride=2)")
    assert len({spec, read_layer("nn.Conv2d(3, 8, 3, (2, 2))")}) == 1
    with pytest.raises(ReaderError, match="stride"):
        spec.but(stride=LARGEST_SIZE + 1)
