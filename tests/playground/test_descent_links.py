"""The links of the parts on gradient descent and backpropagation: short, and safe to read."""

import pytest

from explainer.errors import ReaderError
from explainer.playground import backprop_link, descent_link
from explainer.playground.backpropagation import EXAMPLES
from explainer.playground.descent import Run
from explainer.playground.surfaces import surfaces


@pytest.mark.parametrize("key", surfaces())
def test_a_surface_as_it_comes_needs_only_its_name(key):
    walk = descent_link.read_walk({"surface": key})
    assert descent_link.write_walk(walk) == ({} if key == descent_link.FIRST else {"surface": key})


def test_a_walk_is_written_and_read():
    link = {
        "surface": "line",
        "start": "0.5,-1.25",
        "runs": "sgd:0.05,nesterov:0.01:0.8,rmsprop:0.1:0.99,adam:0.2:0.8:0.95,sgd:0.2",
        "steps": "120",
        "batch": "4",
        "shuffle": "3",
        "run": "2",
        "step": "17",
    }
    walk = descent_link.read_walk(link)
    assert walk.runs[1:4] == (
        Run("nesterov", 0.01, 0.8),
        Run("rmsprop", 0.1, beta2=0.99),
        Run("adam", 0.2, beta1=0.8, beta2=0.95),
    )
    assert (walk.batch, walk.selected, walk.step) == (4, 2, 17)
    assert descent_link.write_walk(walk) == link
    own = descent_link.read_walk({"surface": "own", "f": "x**2 + y**4"})
    assert descent_link.write_walk(own) == {"surface": "own", "f": "x**2 + y**4"}


@pytest.mark.parametrize(
    "link",
    [
        {"surface": "moon"},
        {"start": "a,b"},
        {"start": "1"},
        {"start": "nan,inf"},
        {"runs": "sgd"},
        {"runs": "sgd:-1"},
        {"runs": "sgd:99"},
        {"runs": "lion:0.1"},
        {"runs": "sgd:0.1e"},
        {"runs": "," * 500},
        {"steps": "0"},
        {"steps": "9" * 30},
        {"batch": "4"},
        {"batch": "3", "shuffle": "-1"},
        {"run": "7"},
        {"step": "²"},
    ],
)
def test_what_makes_no_sense_falls_back(link):
    assert descent_link.write_walk(descent_link.read_walk(link)) == {}


def test_a_start_beside_the_picture_is_brought_in():
    assert descent_link.read_walk({"surface": "bowl", "start": "99,-99"}).start == (3.0, -3.0)


def test_a_formula_that_cannot_be_read_is_said():
    with pytest.raises(ReaderError):
        descent_link.read_walk({"surface": "own", "f": "x +"})
    with pytest.raises(ReaderError):
        backprop_link.read_chosen({"graph": "own", "f": "x +"})


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_as_it_comes_needs_only_its_name(key):
    chosen = backprop_link.read_chosen({"graph": key})
    assert backprop_link.write_chosen(chosen) == ({} if key == backprop_link.FIRST else {"graph": key})


def test_a_graph_is_written_and_read():
    link = {"graph": "own", "f": "z = w*x\nz**2", "values": "w:-0.5", "step": "2"}
    chosen = backprop_link.read_chosen(link)
    assert chosen.values == {"w": -0.5, "x": 1.0}
    assert backprop_link.write_chosen(chosen) == link


def test_values_in_a_link_are_numbers_within_bounds():
    chosen = backprop_link.read_chosen({"values": "x:1e99,x2:3,:,x", "step": "999"})
    assert chosen.values == {"x": backprop_link.LARGEST}
    assert chosen.step == backprop_link.steps_of(chosen.graph) == 7
