"""The Network page without a browser: what it sends to the map, and what it answers."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.components.network_map import FOLDER
from explainer.models import load_model
from explainer.models.entries import bundled
from explainer.render.wire import unpack
from explainer.samples import sample
from explainer.tracing import explain, maps, trace, with_softmax
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts

APP = Path(__file__).parents[2] / "app.py"
BUNDLED = [entry.key for entry in bundled()]
MAP = "network_map"


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.query_params.update(query)
    return page.run()


def frame(page: AppTest) -> dict:
    """Return what the page sends to the map."""
    assert not page.exception
    assert not page.error, [error.value for error in page.error]
    (sent,) = (part.proto.bytes for part in page.get("bidi_component") if part.proto.bytes)
    return unpack(sent)


def ask(page: AppTest, **what) -> list[dict]:
    """Ask as the map does, and return the messages of the answer."""
    shown, language = page.session_state[f"{MAP}-sent"]
    page.session_state[MAP] = {"ask": {"trace": shown, "language": language, "serial": 1, **what}}
    messages = frame(page.run())["messages"]
    assert all(message["trace"] == shown for message in messages)
    return messages


def traced(model: str, image: str):
    """The same forward pass, made without the page."""
    loaded = load_model(model)
    recorded = trace(loaded.model, loaded.preprocessing.apply(sample(image).load()))
    return with_softmax(recorded, recorded.nodes[-1])


@pytest.mark.parametrize("model", BUNDLED)
def test_the_map_of_a_bundled_network_is_the_trace(model):
    image = {"lenet5": "digit-4", "tiny_vgg": "coffee"}.get(model, "chelsea")
    sent = frame(visit(model=model, image=image))
    overview = sent["messages"][0]
    recorded = traced(model, image)
    assert overview["type"] == "overview"
    assert overview["model"]["trained"]
    assert [node["name"] for node in overview["nodes"]] == [node.name for node in recorded.nodes]
    for shown, node in zip(overview["nodes"], recorded.nodes, strict=True):
        assert shown["shape"] == list(node.shape)
        assert shown["inputs"] == [source.index for source in node.inputs]
        assert shown["peak"] == pytest.approx(float(maps(node).abs().max()), rel=1e-6)
    probabilities = recorded["softmax"].output[0]
    assert overview["predictions"][0]["index"] == int(probabilities.argmax())
    assert overview["predictions"][0]["probability"] == pytest.approx(float(probabilities.max()), abs=1e-6)


def test_a_stranger_in_the_link_is_told_and_the_page_still_works():
    page = visit(image="no-such-picture")
    assert frame(page)["messages"][0]["model"]["key"] == "tiny_vgg"

    page = visit(model="no_such_network")
    assert not page.exception
    (told,) = page.error
    assert "no_such_network" in told.value
    page.selectbox[0].select("lenet5").run()
    assert frame(page)["messages"][0]["model"]["key"] == "lenet5"


def test_what_the_map_asks_for_is_answered_from_the_trace():
    page = visit(model="tiny_vgg", image="coffee")
    recorded = traced("tiny_vgg", "coffee")
    node = recorded["conv_2_1"]
    place = {"node": node.index, "channel": 3, "y": 5, "x": 6}

    (layer,) = ask(page, layer=node.index)
    assert layer["type"] == "layer"
    assert np.allclose(layer["mean"], maps(node).mean((1, 2)), atol=1e-6)

    (values,) = ask(page, values=place)
    out = values["output"]
    data = out["data"].reshape(out["height"], out["width"])
    assert data[5 - out["y0"], 6 - out["x0"]] == maps(node)[3, 5, 6].item()

    (number,) = ask(page, arithmetic=place)
    assert number["value"] == maps(node)[3, 5, 6].item()
    assert number["total"] == pytest.approx(explain(node, 3, 5, 6).total)
    assert number["agrees"]

    (shares,) = ask(page, contribution={"node": node.index})
    assert shares["contribution_class"] == int(recorded["softmax"].output.argmax())
    assert len(shares["contribution"]) == 10


@pytest.mark.parametrize(
    "place", ["conv_1_2/3/20,30", "max_pool_2/0/12,12", "output/6/0,0", "softmax/6/0,0", "input/1/7,9"]
)
def test_the_code_prints_the_number(place, capsys):
    page = visit(model="tiny_vgg", image="coffee")
    (message,) = ask(page, code=place)
    exec(compile(message["code"], "snippet", "exec"), {})
    name, channel, pixel = place.split("/")
    y, x = map(int, pixel.split(","))
    number, expression = capsys.readouterr().out.strip().splitlines()
    node = traced("tiny_vgg", "coffee")[name]
    assert float(number) == maps(node)[int(channel), y, x].item()
    assert expression


@pytest.mark.parametrize("place", ["conv_1_2", "conv_1_2/3", "input"])
def test_there_is_code_for_a_layer_and_a_channel_too(place, capsys):
    (message,) = ask(visit(model="tiny_vgg", image="coffee"), code=place)
    exec(compile(message["code"], "snippet", "exec"), {})
    assert capsys.readouterr().out.startswith("tensor([[" if "/" in place else "(1, ")


def test_the_file_is_the_tensor(tmp_path):
    (message,) = ask(visit(model="tiny_vgg", image="coffee"), file="relu_2_2")
    assert message["name"] == "relu_2_2.npy"
    (tmp_path / "a.npy").write_bytes(message["data"].tobytes())
    assert np.array_equal(np.load(tmp_path / "a.npy"), traced("tiny_vgg", "coffee")["relu_2_2"].output)


def test_questions_about_another_picture_get_the_present_one():
    page = visit(model="tiny_vgg", image="coffee")
    frame(page)
    before, language = page.session_state[f"{MAP}-sent"]
    page.session_state[MAP] = {"ask": {"trace": before, "language": language, "serial": 1, "layer": 1}}
    page.query_params["image"] = "drawn-bus"
    overview = frame(page.run())["messages"][0]
    assert overview["type"] == "overview"
    assert overview["predictions"][0]["name"] == "school bus"


@pytest.mark.parametrize("lost", [{"language": "ja"}, {"trace": None}])
def test_a_map_that_does_not_have_the_present_overview_gets_it(lost):
    page = visit(model="tiny_vgg", image="coffee")
    frame(page)
    shown, language = page.session_state[f"{MAP}-sent"]
    has = {"trace": shown, "language": language} | lost
    page.session_state[MAP] = {"ask": {**has, "serial": 1, "layer": 1}}
    assert frame(page.run())["messages"][0]["type"] == "overview"


@pytest.mark.parametrize(
    "what",
    [
        {"layer": -1},
        {"layer": 10**9},
        {"layer": "conv_1_1"},
        {"values": {"node": 1, "channel": 99, "y": -5, "x": 10**12}},
        {"arithmetic": {"node": 0, "channel": None}},
        {"contribution": {"node": 0}},
        {"code": "nothing/here/at,all"},
        {"file": "../../etc/passwd"},
    ],
)
def test_nonsense_from_the_browser_does_not_break_the_page(what):
    page = visit(model="tiny_vgg", image="coffee")
    ask(page, **what)


def test_the_map_gets_all_its_words_in_japanese():
    sent = frame(visit(model="tiny_vgg", image="coffee", lang="ja"))
    assert sent["language"] == "ja"
    wanted = {key for path in FOLDER.glob("*.js") for key in javascript_texts(path.read_text("utf-8"))}
    assert wanted
    assert wanted <= set(sent["text"])
    known = catalogue.load("ja")
    assert all(text == known[key] for key, text in sent["text"].items())
    assert (
        sum(bool(re.search("[ぁ-んァ-ヶ一-龠]", text)) for text in sent["text"].values()) > len(wanted) * 0.8
    )


def test_untrained_weights_say_so_before_anything_else():
    page = visit(model="tiny_vgg", image="coffee", weights="none")
    overview = frame(page)["messages"][0]
    assert not overview["model"]["trained"]
    assert any("random" in text.value for text in page.markdown)


def test_the_explanation_is_in_the_readers_language():
    page = visit(model="tiny_vgg", image="coffee", lang="ja")
    node = traced("tiny_vgg", "coffee")["conv_1_1"]
    (number,) = ask(page, arithmetic={"node": node.index, "channel": 0, "y": 0, "x": 0})
    known = catalogue.load("ja")
    assert number["groups"][0]["label"] == known["input channel {channel}"].format(channel=0)


def test_readers_share_a_forward_pass():
    first = frame(visit(model="tiny_vgg", image="drawn-pizza"))
    torch.manual_seed(1)
    again = frame(visit(model="tiny_vgg", image="drawn-pizza"))
    assert again["messages"][0]["trace"] == first["messages"][0]["trace"]
    assert again["messages"][0]["predictions"] == first["messages"][0]["predictions"]
