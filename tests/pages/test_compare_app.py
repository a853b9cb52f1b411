"""The Compare page without a browser: what it says and sends, against PyTorch."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.attribution import grad_cam
from explainer.models import load_model
from explainer.render.wire import unpack
from explainer.samples import sample
from explainer.tracing import trace

APP = Path(__file__).parents[2] / "app.py"
MODES = ("models", "images", "weights", "precision")


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.switch_page("pages/compare.py")
    page.query_params.update({"model": "tiny_vgg", "image": "coffee"} | query)
    page.run()
    assert not page.exception
    assert not page.error, [error.value for error in page.error]
    return page


def frame(page: AppTest) -> dict:
    """Return what the page sends to the browser."""
    (sent,) = (part.proto.bytes for part in page.get("bidi_component") if part.proto.bytes)
    return unpack(sent)


def probabilities(key: str, image: str, weights: str = "default", dtype: torch.dtype | None = None):
    loaded = load_model(key, weights)
    images = loaded.preprocessing.apply(sample(image).load())
    with torch.no_grad(), torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
        return loaded.model(images)[0].double().softmax(0), loaded


def said(page: AppTest) -> str:
    return " ".join(part.value for part in page.markdown)


@pytest.mark.parametrize("what", MODES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_mode_in_both_languages(what, lang):
    page = visit(what=what, lang=lang)
    sent = frame(page)
    assert len(sent["sides"]) == (3 if what == "precision" else 2)
    assert sent["answers"]
    words = [
        part.value for part in (*page.markdown, *page.caption, *page.subheader) if "<style" not in part.value
    ]
    assert bool(re.search("[ぁ-んァ-ヶ]", "".join(words))) == (lang == "ja")
    if lang == "ja":
        assert sent["text"]
        assert "答え" in said(page)


@pytest.mark.parametrize("what", MODES)
def test_answers_are_those_of_pytorch(what):
    sent = frame(visit(what=what, image2="ladybug"))
    others = {
        "models": [probabilities("resnet20", "coffee")],
        "images": [probabilities("tiny_vgg", "drawn-ladybug")],
        "weights": [probabilities("tiny_vgg", "coffee", "none")],
        "precision": [
            probabilities("tiny_vgg", "coffee", dtype=dtype) for dtype in (torch.bfloat16, torch.float16)
        ],
    }[what]
    first, loaded = probabilities("tiny_vgg", "coffee")
    for row in sent["answers"]:
        if row["index"] is not None:
            assert row["name"] == loaded.classes[row["index"]]
            assert row["values"][0] == pytest.approx(float(first[row["index"]]), abs=1e-6)
        for value, (other, second) in zip(row["values"][1:], others, strict=True):
            classes = second.classes if what == "models" else loaded.classes
            if value is None:
                assert row["name"] not in classes
            else:
                assert value == pytest.approx(float(other[classes.index(row["name"])]), abs=1e-6)


def test_the_class_maps_are_those_of_grad_cam():
    sent = frame(visit(what="weights", **{"class": "2"}, at="conv_2_1/3/5,6"))
    for side, weights in zip(sent["sides"], ("default", "none"), strict=True):
        loaded = load_model("tiny_vgg", weights)
        images = loaded.preprocessing.apply(sample("coffee").load())
        expected = grad_cam(loaded.model, images, "conv_2_1", 2).numpy()
        heat = side["heat"]
        assert side["layer"] == "conv_2_1"
        assert heat["title"] == "pizza"
        assert np.allclose(heat["data"].reshape(expected.shape), expected, atol=1e-6)


def test_a_class_of_one_network_only_is_said():
    page = visit(what="models")
    assert "espresso is a class of Tiny VGG only" in said(page)
    assert frame(page)["sides"][1]["heat"]["title"] == "automobile"


def test_the_same_network_with_the_same_weights_agrees():
    page = visit(what="models", model2="tiny_vgg")
    assert "Both say espresso" in said(page)
    sent = frame(page)
    assert sent["linked"]
    assert np.array_equal(sent["sides"][0]["data"], sent["sides"][1]["data"])


def test_another_layer_takes_the_second_side_along():
    page = visit(what="models", at="conv_2_2", at2="layer1.0.conv1")
    assert frame(page)["sides"][1]["layer"] == "layer1.0.conv1"
    page.selectbox(key="layer").set_value("conv_1_1").run()
    first, second = frame(page)["sides"]
    assert first["layer"] == "conv_1_1"
    assert second["layer"] != "layer1.0.conv1"
    page.selectbox(key="layer2").set_value("layer3.2.conv2").run()
    assert [side["layer"] for side in frame(page)["sides"]] == ["conv_1_1", "layer3.2.conv2"]
    assert "layer3.2.conv2" in page.query_params["at2"]


def test_a_clicked_class_becomes_the_class_of_the_page():
    page = visit(what="models")
    page.selectbox(key="class").set_value(2).run()
    assert frame(page)["chosen"] == 2
    assert frame(page)["sides"][0]["heat"]["title"] == "pizza"


def test_ones_own_weights_before_and_after(tmp_path):
    from safetensors.torch import load_file, save_file

    from explainer.models.entries import WEIGHTS
    from explainer.models.own import OwnWeights
    from explainer.ui.opened import shelf

    tensors = load_file(WEIGHTS / "tiny_vgg.safetensors")
    changed = {
        name: tensor * 1.5 if name == "conv_2_1.weight" else tensor for name, tensor in tensors.items()
    }
    save_file(changed, tmp_path / "mine.safetensors")
    path = shelf().put((tmp_path / "mine.safetensors").read_bytes())
    names = load_model("tiny_vgg").classes
    identity = shelf().tell(OwnWeights(path, "mine [x](y).safetensors", "tiny_vgg", names))
    page = visit(what="weights", weights2=identity, at="conv_2_1")
    first, second = frame(page)["sides"]
    assert second["title"] == "mine [x](y).safetensors"
    assert r"mine \[x\](y).safetensors" in said(page)
    bias = tensors["conv_2_1.bias"].numpy()[first["channels"]][:, None, None]
    ratio = (second["data"].reshape(-1, *second["shape"][1:]) - bias) / 1.5 + bias
    assert np.allclose(ratio, first["data"].reshape(ratio.shape), atol=1e-4)
    assert "load_model('tiny_vgg', 'mine [x](y).safetensors'" in page.code[-1].value
    # Of another network they are not offered here.
    other = shelf().tell(OwnWeights(path, "other", "resnet20"))
    assert frame(visit(what="weights", weights2=other))["sides"][1]["title"] == "random weights"


def test_of_one_untrained_network_it_is_said_once():
    for what in ("images", "weights", "precision"):
        assert said(visit(what=what, weights="none")).count("these weights are random") == 1


def test_formats_send_what_autocast_computes():
    sent = frame(visit(what="precision", at="conv_1_2/3/5,6"))
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("coffee").load())
    for side, dtype in zip(sent["sides"], (None, torch.bfloat16, torch.float16), strict=True):
        with torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            expected = trace(loaded.model, images)["conv_1_2"].output[0].float().numpy()
        assert np.array_equal(side["data"].reshape(-1, *expected.shape[1:]), expected[side["channels"]])
    assert [form["fraction"] for form in sent["formats"]] == [23, 7, 10]


@pytest.mark.parametrize("what", MODES)
def test_the_code_prints_the_numbers(what, capsys):
    page = visit(what=what)
    code = page.code[-1].value
    exec(compile(code, "snippet", "exec"), {})
    printed = capsys.readouterr().out
    sent = frame(page)
    if what == "precision":
        table = next(part.value for part in page.markdown if "bfloat16 |" in part.value)
        for line in printed.splitlines():
            assert f"{float(line.split()[-1]):.2e}" in table
    else:
        probability, highest = printed.splitlines()[:2]
        assert probability.startswith("Tiny VGG espresso")
        assert float(highest) == pytest.approx(sent["sides"][0]["heat"]["peak"], rel=1e-5)


@pytest.mark.parametrize(
    "query",
    [
        {"what": "nonsense"},
        {"model2": "no_such_network"},
        {"at2": "../../etc/passwd/9/9,9"},
        {"at": "conv_2_2/99999/-5,x"},
        {"what": "weights", "weights2": "/etc/passwd"},
        {"what": "images", "image2": "no-such-picture"},
        {"what": "precision", "error": "nonsense"},
        {"class": "999"},
    ],
)
def test_nonsense_in_the_link_does_not_break_the_page(query):
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.switch_page("pages/compare.py")
    page.query_params.update({"model": "tiny_vgg", "image": "coffee"} | query)
    page.run()
    assert not page.exception
    assert frame(page)["sides"]
