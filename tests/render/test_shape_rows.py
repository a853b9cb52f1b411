"""Tables of shapes: the sequences of the papers come out of the trace, products give the counts."""

import contextlib
import io

import pytest
import torch

from explainer.models.architectures import ARCHITECTURES, architecture
from explainer.models.published import construct
from explainer.models.structure import blueprint
from explainer.render.architecture_board import structure_code
from explainer.render.shape_code import shape_code
from explainer.render.shape_rows import sequence, shape_table

KEYS = [one.key for one in ARCHITECTURES]


@pytest.fixture(scope="module")
def tables():
    return {key: shape_table(blueprint(key)) for key in KEYS}


SEQUENCES = {
    "lenet5": "1@32 6@28 6@14 16@10 16@5 120 84 10",
    "alexnet": "3@224 64@55 64@27 192@27 192@13 384@13 256@13 256@6 4096 1000",
    "vgg16": "3@224 64@224 64@112 128@112 128@56 256@56 256@28 512@28 512@14 512@7 4096 1000",
}


@pytest.mark.parametrize("key", SEQUENCES)
def test_sequences_of_the_papers_come_from_the_trace(tables, key):
    wanted = []
    for word in SEQUENCES[key].split():
        channels, _, side = word.partition("@")
        wanted.append((int(channels), int(side), int(side)) if side else (int(channels),))
    assert list(sequence(tables[key]["rows"])) == wanted


@pytest.mark.parametrize("key", KEYS)
def test_products_give_the_counts(tables, key):
    rows = tables[key]["rows"]
    for row in rows:
        for name in ("parameters", "multiplyAdds"):
            product = row[f"{name}From"]
            assert bool(product) == bool(row[name])
            assert eval(product.replace("×", "*") or "0") == row[name], row["name"]
    structure = architecture(key).structure
    assert sum(row["parameters"] for row in rows) == structure.parameters
    assert sum(row["multiplyAdds"] for row in rows) == structure.multiply_adds


def test_products_of_lenet_worked_by_hand(tables):
    rows = {row["name"]: row for row in tables["lenet5"]["rows"]}
    assert rows["c1"]["parametersFrom"] == "6 × (1 × 5 × 5 + 1)"
    assert (rows["c1"]["parameters"], rows["c1"]["multiplyAdds"]) == (156, 117_600)
    assert rows["c3"]["multiplyAddsFrom"] == "16 × 10 × 10 × (6 × 5 × 5)"
    assert rows["f6"]["parametersFrom"] == "84 × (120 + 1)"
    assert [row["parameters"] for row in rows.values() if row["parameters"]] == [156, 2416, 48120, 10164, 850]
    assert rows["s2"]["window"] == {
        "kernel": [2, 2],
        "stride": [2, 2],
        "padding": [0, 0],
        "dilation": [1, 1],
        "groups": 1,
        "ceil": False,
    }


@pytest.mark.parametrize(
    ("key", "sizes"),
    [
        ("lenet5", [1, 5, 6, 14, 16, 32]),
        ("alexnet", [1, 11, 19, 51, 67, 99, 131, 163, 195]),
        ("vgg16", [1, 3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]),
    ],
)
def test_receptive_fields_known_from_the_literature(tables, key, sizes):
    found = [row["field"]["size"][0] for row in tables[key]["rows"] if row["main"]]
    assert found[: len(sizes)] == sizes


@pytest.mark.parametrize("key", ["alexnet", "resnet18"])
def test_shapes_are_those_that_forward_hooks_see(tables, key):
    with torch.device("meta"):
        model = construct(key).eval()
        images = torch.empty(1, 3, 224, 224)
    seen = {}
    for name, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_hook(
                lambda module, args, output, name=name: seen.update({name: list(output.shape[1:])})
            )
    model(images)
    rows = {row["name"]: row["shape"] for row in tables[key]["rows"]}
    assert {name: rows[name] for name in seen} == seen


def test_a_gate_is_told_apart_from_the_windows(tables):
    rows = {row["name"]: row for row in tables["efficientnet_b0"]["rows"]}
    gated = rows["features.1.0.block.1.mul"]["field"]
    assert gated["size"] == [7, 7]
    assert gated["whole"]


def run(code: str) -> list[str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "panel", "exec"), {})
    return printed.getvalue().splitlines()


@pytest.mark.parametrize("key", ["lenet5", "resnet18"])
def test_the_code_of_the_overview_prints_its_numbers(key):
    structure = architecture(key).structure
    numbers = [int(line.split()[-1]) for line in run(structure_code(key))]
    assert numbers == [structure.parameters, structure.multiply_adds, structure.depth]


def test_the_code_of_the_shapes_prints_them_twice(tables):
    lines = run(shape_code("lenet5", (32, 32)))
    assert "c3 (16, 10, 10) 2416 240000 (14.0, 14.0)" in lines
    assert "c3 (16, 10, 10)" in lines
    assert len(lines) == 2 * len(tables["lenet5"]["rows"]) - 1  # no module returns the input
