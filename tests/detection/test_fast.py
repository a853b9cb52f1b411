"""The faster versions find the same, share the weights, and say when they cannot be used."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from explainer.detection import load_detector
from explainer.detection.fast import TOLERANCE, difference_in_words, exported, fused
from explainer.detection.yolox_detector import YoloxDetector
from tests.detection.yolox_by_formula import network, picture

ENGINES = ("torch", "onnxruntime")


@pytest.fixture(scope="module")
def made():
    return YoloxDetector("made", network("yolox_nano"), ("a", "b", "c"), side=96)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["yolox_nano", "yolox_tiny"])
def test_numbers_are_those_of_the_network(name, engine):
    plain = YoloxDetector("made", network(name), ("a", "b", "c"), side=96)
    quick = plain.faster(engine)
    assert (quick.engine, quick.trouble) == (engine, None)
    for side in (64, 96, 160):  # one export serves all sides
        expected, found = (one.stages(picture(50, 90), side=side).raw for one in (plain, quick))
        assert (expected - found).abs().max() < TOLERANCE * max(1, expected.abs().max())


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_found_is_the_same(made, engine):
    image = picture(60, 80)
    expected, found = made.detect([image])[0], made.faster(engine).detect([image])[0]
    assert len(expected) > 3
    assert torch.equal(expected.labels, found.labels)
    torch.testing.assert_close(expected.boxes, found.boxes, atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(expected.scores, found.scores, atol=1e-4, rtol=1e-4)
    stages = made.faster(engine).stages(image)
    assert torch.equal(stages.result.boxes, found.boxes)


def test_the_network_is_not_touched(made):
    before = {key: value.clone() for key, value in made.model.state_dict().items()}
    for engine in ENGINES:
        quick = made.faster(engine)
        assert quick is made.faster(engine)
        assert quick.model is made.model
    after = made.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert not any(part.inplace for part in made.model.modules() if isinstance(part, torch.nn.SiLU))
    assert not made.model.training


@pytest.mark.parametrize("engine", ENGINES)
def test_many_readers_at_once(made, engine):
    quick, pictures = made.faster(engine), [picture(40 + 9 * number, 90) for number in range(8)]
    alone = quick.detect(pictures)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: quick.detect([one])[0], pictures))
    assert all(torch.equal(one.boxes, other.boxes) for one, other in zip(alone, together, strict=True))


def test_other_numbers_are_noticed(made):
    wrong = fused(made.model)
    assert difference_in_words(wrong, made.model) is None
    with torch.no_grad():
        wrong.head.obj_preds[1].bias += 0.01
    assert "other numbers (by up to 0.01)" in str(difference_in_words(wrong, made.model))
    assert "inf" in str(difference_in_words(lambda canvas: torch.zeros(1, 7, 8), made.model))


def test_without_onnxruntime_it_runs_in_pytorch_and_says_why(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    quick = YoloxDetector("made", network("yolox_nano"), ("a", "b", "c"), side=96).faster("onnxruntime")
    assert quick.engine == "torch"
    assert "onnxruntime could not take it over (ModuleNotFoundError" in str(quick.trouble)
    assert len(quick.detect([picture(60, 80)])[0])


def test_the_published_weights_through_both(data_folder):
    published = load_detector("yolox_nano", data_folder / "weights" / "yolox_nano.onnx")
    for engine in ENGINES:
        expected, found = (one.stages(picture(300, 400)).raw for one in (published, published.faster(engine)))
        assert (expected - found).abs().max() < 5e-4


def test_an_export_is_a_program_for_any_multiple_of_32():
    import onnx

    graph = onnx.load_from_string(exported(network("yolox_nano"))).graph
    shape = [axis.dim_param or axis.dim_value for axis in graph.input[0].type.tensor_type.shape.dim]
    assert shape == [1, 3, "height", "width"]
    assert not [node for node in graph.node if node.op_type == "BatchNormalization"]
