"""The code panels of gradient descent and backpropagation print the numbers that the page shows."""

import contextlib
import io

import pytest

from explainer.playground.backprop_link import read_chosen
from explainer.playground.backpropagation import EXAMPLES
from explainer.playground.descent_link import read_walk
from explainer.playground.surfaces import surfaces
from explainer.render.backprop import backprop_code, backprop_frame
from explainer.render.descent import descent_code, descent_frame


def printed(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


LINKS = [
    *({"surface": key, "steps": "12"} for key in surfaces()),
    {"surface": "line", "batch": "4", "steps": "15", "shuffle": "2", "runs": "momentum:0.01:0.8"},
    {"surface": "own", "f": "u = x + -2\nu**2 * pi + exp(y)", "steps": "9", "runs": "adam:0.1:0.8:0.9"},
    {"surface": "own", "f": "x", "steps": "3"},
    {"surface": "bowl", "steps": "5", "runs": "nesterov:0.1:0.7"},
    {"surface": "bowl", "steps": "5", "runs": "rmsprop:0.1:0.9"},
]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: " ".join(link.values())[:30])
def test_descent(link):
    walk = read_walk(link)
    frame = descent_frame(walk)
    last = printed(descent_code(walk)).splitlines()[-1]
    step, point = last.split(maxsplit=1)
    assert int(step) == walk.steps
    x, y, loss = (float(part.strip("[],")) for part in point.split())
    path = frame["paths"][walk.selected]
    assert path["points"][-1].tolist() == pytest.approx([x, y], rel=1e-12)
    assert float(path["losses"][-1]) == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize(
    "link",
    [
        *({"graph": key} for key in EXAMPLES),
        {"graph": "own", "f": "-(-2)**2 * abs(x) + pi / sqrt(y)", "values": "x:-1.5,y:0.3"},
    ],
    ids=lambda link: link["graph"],
)
def test_backpropagation(link):
    chosen = read_chosen(link)
    frame = backprop_frame(chosen)
    said = dict(line.split(" = ") for line in printed(backprop_code(chosen)).splitlines())
    output = chosen.graph.output.name
    assert float(said.pop(output)) == frame["values"][-1]
    for i, node in enumerate(chosen.graph.nodes):
        if node.operation == "variable":
            assert float(said.pop(f"d{output}/d{node.name}")) == frame["autograd"][i]
    assert not said
