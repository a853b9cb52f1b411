"""The Layers page without a browser: what it says about a layer, and what it sends to its walls."""

import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.components import channel_wall, kernel_wall
from explainer.layers.kernels import kernels
from explainer.models import load_model
from explainer.render.wire import unpack
from explainer.samples import sample
from explainer.tracing import Trace, maps, trace
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts
from scripts.driver import ROOT

torch.set_num_threads(1)
SUBJECTS = {
    "tiny_vgg": ("coffee", "default"),
    "lenet5": ("digit-4", "default"),
    "resnet20": ("chelsea", "default"),
    "mobilenet_v3_small": ("chelsea", "none"),
}


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page("pages/layers.py")
    page.query_params.update(query)
    return page.run()


def subject(model: str) -> dict[str, str]:
    image, weights = SUBJECTS[model]
    return {"model": model, "image": image} | ({} if weights == "default" else {"weights": weights})


def traced(model: str) -> Trace:
    """The same forward pass, made without the page."""
    image, weights = SUBJECTS[model]
    loaded = load_model(model, weights)
    return trace(loaded.model, loaded.preprocessing.apply(sample(image).load()))


def frame(page: AppTest) -> dict:
    """Return what the page sends to its wall."""
    assert not page.exception
    assert not page.error, [error.value for error in page.error]
    sent = [unpack(part.proto.bytes) for part in page.get("bidi_component") if part.proto.bytes]
    (found,) = (header for header in sent if "identity" in header)
    return found


def ask(page: AppTest, key: str, **what) -> list[dict]:
    """Ask as the wall does, and return the messages of the answer."""
    page.session_state[key] = {"ask": {"identity": page.session_state[f"{key}-sent"], "serial": 1, **what}}
    return frame(page.run())["messages"]


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("model", SUBJECTS)
def test_a_network_opens_at_its_first_convolution(model, lang):
    page = visit(**subject(model), lang=lang)
    recorded = traced(model)
    first = next(node for node in recorded.nodes if node.kind == "conv2d")
    sent = frame(page)
    (message,) = sent["messages"]
    assert message["name"] == first.name
    assert message["size"] == list(maps(first).shape)
    assert np.allclose(message["mean"], maps(first).mean((1, 2)), atol=1e-6)
    assert message["figures"]["high"] == float(first.output.max())
    line = next(text.value for text in page.markdown if "Conv2d(" in text.value)
    count = sum(parameter.numel() for parameter in first.call.module.parameters())
    assert f"{count:,}" in line
    assert ("ja" in sent["identity"]) == (lang == "ja")
    assert bool(re.search("[ぁ-んァ-ヶ一-龠]", page.get("button_group")[-1].proto.label)) == (lang == "ja")


@pytest.mark.parametrize(("model", "lang"), list(zip(SUBJECTS, ("en", "ja", "ja", "en"), strict=True)))
def test_its_kernels_are_the_models_weights(model, lang):
    page = visit(**subject(model), lang=lang, tab="kernels")
    (message,) = frame(page)["messages"]
    recorded = traced(model)
    weight = recorded[message["name"]].arguments["weight"].detach()
    assert message["shape"] == list(weight.shape)
    assert np.array_equal(message["weights"], weight.flatten())


def test_every_layer_of_a_network_can_be_opened_in_both_walls():
    recorded = traced("tiny_vgg")
    page = visit(**subject("tiny_vgg"))
    for node in recorded.nodes:
        page.query_params["at"] = node.name
        page.query_params["tab"] = "channels"
        assert frame(page.run())["messages"][0]["name"] == node.name
        page.query_params["tab"] = "kernels"
        page.run()
        assert not page.error
        if kernels(node) is None:
            assert any(node.name in info.value for info in page.info)
        else:
            assert frame(page)["messages"][0]["name"] == node.name


def test_the_steps_lead_through_the_layers():
    page = visit(**subject("tiny_vgg"))
    names = [node.name for node in traced("tiny_vgg").nodes]
    page.button(key="layer_after").click().run()
    assert page.query_params["at"] == names[2]
    assert frame(page)["messages"][0]["name"] == names[2]
    page.button(key="layer_before").click().run()
    page.button(key="layer_before").click().run()
    assert frame(page)["messages"][0]["name"] == "input"
    assert page.button(key="layer_before").disabled


def test_where_there_are_no_kernels_the_page_leads_to_some():
    page = visit(**subject("tiny_vgg"), tab="kernels", at="relu_1_2")
    (info,) = page.info
    assert "relu_1_2" in info.value
    page.button[-1].click().run()
    assert frame(page)["messages"][0]["name"] == "conv_1_2"


def test_the_normalisation_is_folded_in_on_request():
    page = visit(**subject("resnet20"), tab="kernels", folded="1")
    (message,) = frame(page)["messages"]
    assert message["folded"]
    recorded = traced("resnet20")
    first = recorded[message["name"]]
    (norm,) = recorded.consumers(first)
    weight = torch.tensor(np.array(message["weights"])).reshape(message["shape"])
    made = torch.conv2d(first.inputs[0].output, weight, torch.tensor(np.array(message["bias"])), padding=1)
    assert torch.allclose(made, norm.output, atol=1e-4)


def test_what_the_walls_ask_for():
    page = visit(**subject("resnet20"), at="layer2.0.conv1/5")
    node = traced("resnet20")["layer2.0.conv1"]
    (channel,) = ask(page, "channel_wall", channel=5)
    assert np.array_equal(channel["values"], maps(node)[5].flatten())
    address = {"at": "layer2.0.conv1/7/2,3", "scale": "channel", "model": "lenet5", "time": 1.0}
    assert ask(page, "channel_wall", serial=2, address=address) == []
    assert page.query_params["at"] == "layer2.0.conv1/7/2,3"
    assert page.query_params["model"] == "resnet20", "a wall may not change what it is about"
    assert "[7, 2, 3]" in page.code[-1].value
    page = visit(**subject("resnet20"), tab="kernels", at="layer2.0.conv1/5")
    (chosen,) = ask(page, "kernel_wall", filter=9)
    assert np.array_equal(chosen["weights"], node.arguments["weight"][9].detach().flatten())


@pytest.mark.parametrize(
    "what", [{"channel": -1}, {"channel": "a"}, {"channel": 10**9}, {"address": "x"}, {"address": {"at": 5}}]
)
def test_nonsense_from_the_browser_does_not_break_the_page(what):
    page = visit(**subject("tiny_vgg"))
    ask(page, "channel_wall", **what)


@pytest.mark.parametrize("query", [{"at": "no/such/layer"}, {"at": "conv_1_1/999/5,5"}, {"tab": "nothing"}])
def test_nonsense_in_the_link_does_not_break_the_page(query):
    assert frame(visit(**subject("tiny_vgg"), **query))["messages"]


@pytest.mark.parametrize("tab", ["channels", "kernels"])
def test_the_code_runs(tab, capsys):
    page = visit(**subject("tiny_vgg"), tab=tab, at="conv_1_2/3/4,5")
    exec(compile(page.code[-1].value, "snippet", "exec"), {})
    printed = capsys.readouterr().out
    node = traced("tiny_vgg")["conv_1_2"]
    if tab == "channels":
        assert float(printed.splitlines()[0]) == maps(node)[3, 4, 5].item()
    else:
        assert str(kernels(node).l2[3].item()) in printed


@pytest.mark.parametrize(("component", "tab"), [(channel_wall, "channels"), (kernel_wall, "kernels")])
def test_the_walls_get_all_their_words_in_japanese(component, tab):
    sent = frame(visit(**subject("tiny_vgg"), lang="ja", tab=tab))
    paths = component.FOLDER.glob("*.js")
    wanted = {key for path in paths for key in javascript_texts(path.read_text("utf-8"))}
    assert wanted <= set(sent["text"])
    known = catalogue.load("ja")
    assert all(text == known[key] for key, text in sent["text"].items())
