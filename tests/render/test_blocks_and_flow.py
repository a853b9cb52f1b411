"""What the browser gets of blocks and experiments; the code panels print what the page shows."""

import contextlib
import io

import numpy as np
import pytest

from explainer.playground.feeding import KINDS, Choice, features_of, feed
from explainer.playground.gradient_flow import Network, Setting, train
from explainer.playground.normalising import follow, spreads
from explainer.render.blocks import joins, side
from explainer.render.blocks_code import blocks_code
from explainer.render.flow import DRAWS, draws, ridges, running, runs
from explainer.render.flow_code import dropout_code, gradient_code, norm_code
from explainer.render.wire import pack, unpack
from explainer.samples import sample


@pytest.fixture(scope="module")
def fed():
    photo = sample("chelsea").load()
    return lambda kind, channels=16, **knobs: feed(Choice(kind, channels, tuple(knobs.items())), photo)


def test_a_sum_is_its_parts(fed):
    (join,) = joins(fed("residual")[1], "residual")
    x, branch = join["parts"]
    assert (x["role"], branch["role"], branch["name"]) == ("x", "branch", "bn2")
    assert join["result"]["data"].equal(x["data"] + branch["data"])
    assert join["then"]["data"].equal(join["result"]["data"].relu())
    assert joins(fed("plain")[1], "plain") == []
    assert joins(fed("residual", skip=0)[1], "residual") == []
    assert joins(fed("residual", stride=2)[1], "residual")[0]["parts"][0]["role"] == "shortcut"


def test_a_gate_multiplies_its_map(fed):
    product, total = joins(fed("excitation")[1], "excitation")
    maps, gate = product["parts"]
    assert (product["kind"], maps["role"], gate["role"]) == ("mul", "map", "gate")
    assert product["result"]["data"].equal(maps["data"] * gate["data"])
    assert ((gate["data"] > 0) & (gate["data"] < 1)).all()
    assert gate["data"].max() - gate["data"].min() > 0.2  # there is something to see
    assert total["parts"][1]["data"].equal(product["result"]["data"])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("inception", ["conv1", "conv3", "conv5", "project"]),
        ("fire", ["expand1", "expand3"]),
        ("dense", ["x", "layer1.conv", "layer2.conv", "layer3.conv"]),
    ],
)
def test_a_concatenation_is_its_parts_in_order(fed, kind, names):
    (join,) = joins(fed(kind)[1], kind)
    assert [part["role"] if part["role"] == "x" else part["name"] for part in join["parts"]] == names
    whole = np.concatenate([part["data"].numpy() for part in join["parts"]])
    assert np.array_equal(whole, join["result"]["data"].numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_a_side_travels_and_shows_the_same_channels(fed, kind):
    block, recorded = fed(kind)
    picture = block.preprocessing.as_seen(recorded.input.output)
    part = unpack(pack(side(block, recorded, "key", picture)))
    opening = part["messages"][0]
    features = opening["nodes"][features_of(recorded, kind).index]
    alike = [
        n for n in opening["nodes"] if n["module"].startswith(kind) and n["channels"] == 16 and n["thumb"]
    ]
    assert all(node["shown"] == features["shown"] for node in alike)
    assert all(len(n["shown"]) <= 3 for n in opening["nodes"][features["index"] :] if n["thumb"])
    assert opening["groups"][0]["id"] in opening["unfolded"]
    assert part["figures"]["parameters"] > 0


def test_runs_travel_with_a_norm_for_every_layer_and_step():
    found = train(Setting(), 1, networks=[Network(8, True)])
    shown = unpack(
        pack(runs(found, key="k", steps=1, done=True, text={}, translate=lambda s, **f: s.format(**f)))
    )
    (run,) = shown["runs"]
    assert run["title"] == "residual, 8 layers"
    assert run["norms"].reshape(2, 8) == pytest.approx(np.array(found[0].norms, np.float32))
    assert shown["guess"] == pytest.approx(np.log(8))


def test_draws_and_figures():
    from explainer.playground.dropping import usual_maps

    shown = draws(usual_maps(), 0.3, 0, False, text={})
    assert shown["masks"].shape == (DRAWS, 6, 8, 8)
    both = [spreads("he", normed) for normed in (True, False)]
    assert len(ridges(both[0], both[1], ("with", "without"), "layer").data) == 4 * 19
    found = follow(0, 5)
    drawn = running(found, True, ("own", "running"), "batch", 2)
    assert list(drawn.data[0].y) == list(found.unbiased_variances)
    assert list(drawn.data[1].y) == list(found.running_variances)


def printed(code: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "panel", "exec"), {})
    return out.getvalue().splitlines()


def test_the_code_of_blocks_runs():
    image = 'sample("chelsea").load()'
    pair = (Choice("plain"), Choice("inverted", 32, (("expansion", 2),)))
    lines = printed(blocks_code(pair, image, ("from explainer.samples import sample",)))
    assert lines.count("True") == 2
    assert sum(line.startswith("Figures(") for line in lines) == 2


def test_the_code_of_experiments_prints_the_pages_numbers():
    lines = printed(norm_code(3, 4, 0.1, 5))
    by_hand, kept = map(float, lines[0].split())
    assert by_hand == pytest.approx(kept, abs=1e-5)
    found = follow(3, 5, size=4)
    assert kept == pytest.approx(found.running_means[-1])
    assert float(lines[2].split()[1]) == pytest.approx(found.in_training[-1], abs=1e-5)
    assert float(lines[2].split()[3]) == pytest.approx(found.in_evaluation[-1], abs=1e-5)
    assert printed(dropout_code(0.5, 3, False)) == printed(dropout_code(0.5, 3, True)) == ["True", "True"]


@pytest.mark.slow
def test_the_code_of_gradients_runs():
    lines = printed(gradient_code(Setting(), 0))
    assert len(lines) == 5
    assert len(eval(lines[-1])) == 56
