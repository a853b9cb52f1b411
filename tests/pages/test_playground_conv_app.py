"""The 2-D part of the Convolution playground as a page: link, code and sliders say the same."""

from pathlib import Path

import pytest
import torch
import torchvision
from streamlit.testing.v1 import AppTest

from explainer.models.own import OwnWeights
from explainer.render.wire import unpack
from explainer.ui.opened import shelf

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def page():
    """Open the part: ``page(k="5")``; what stands on it can be read and set."""

    def start(**link: str) -> AppTest:
        torch.set_num_threads(1)
        at = AppTest.from_file(str(APP), default_timeout=60)
        at.switch_page("pages/playground.py")
        for name, value in {"part": "conv", **link}.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
        return at

    return start


def frame(at: AppTest) -> dict:
    """What the component was sent."""
    (found,) = [
        one.proto.bytes
        for one in at.get("bidi_component")
        if one.proto.component_name == "convscope.conv_lab"
    ]
    return unpack(found)


def code(at: AppTest) -> str:
    return at.text_input(key="conv_code").value


def test_it_opens(page):
    at = page()
    assert not at.error
    assert code(at) == "nn.Conv2d(1, 1, 3, padding=1)"
    found = frame(at)
    assert (found["channels"], found["outputs"], found["height"]) == (1, 1, 9)
    assert any("H_\\text{out}" in one.value and "= 9" in one.value for one in at.markdown)


def test_a_slider_moves_the_code_and_the_link(page):
    at = page()
    at.slider(key="conv_kernel").set_value(5).run()
    at.slider(key="conv_stride").set_value(2).run()
    assert code(at) == "nn.Conv2d(1, 1, 5, stride=2, padding=1)"
    assert at.query_params["k"] == "5"
    assert frame(at)["rows"]["out"] == 4
    at.slider(key="conv_kernel").set_value(3).run()
    assert "k" not in at.query_params


def test_the_code_moves_the_sliders(page):
    at = page()
    at.text_input(key="conv_code").set_value("nn.Conv2d(3, 8, 3, stride=2, padding=1)").run()
    assert not at.error
    assert [at.slider(key=f"conv_{name}").value for name in ("in", "out", "kernel", "stride")] == [3, 8, 3, 2]
    assert at.query_params["out"] == "8"
    assert frame(at)["outputs"] == 8
    at.text_input(key="conv_code").set_value("nn.ConvTranspose2d(3, 3, 4, stride=2, groups=3)").run()
    assert at.segmented_control(key="conv_kind").value == "transposed"
    assert frame(at)["rows"]["out"] == 20
    at.text_input(key="conv_code").set_value("nn.Conv2d(3, 999, 3)").run()
    assert at.error


def test_what_does_not_fit_is_said(page):
    at = page(rows="3", cols="3", k="7")
    assert "7 cells" in at.error[0].value
    at = page(rows="3", cols="3", p="5", mode="reflect")
    assert "at most 2" in at.error[0].value
    at = page(source="photo", side="96", kind="t", s="6", out="8", **{"in": "3"})
    assert at.error


def test_reset_and_rows_and_columns_apart(page):
    at = page(k="3x5", s="2", flip="1", relu="1", out="4")
    assert at.slider(key="conv_kernel1").value == 5
    assert frame(at)["flip"]
    at.toggle(key="conv_apart").set_value(False).run()
    assert "k" not in at.query_params
    assert code(at) == "nn.Conv2d(1, 4, 3, stride=2, padding=1)"
    at.button(key="conv_reset").click().run()
    assert code(at) == "nn.Conv2d(1, 1, 3, padding=1)"
    assert set(at.query_params) == {"part"}


def test_a_kernel_of_a_network(page):
    at = page(source="digit")
    assert not [button for button in at.button if button.key == "conv_take"]  # it would open a network
    at.session_state["conv_taking"] = True  # as a press on the popover does
    at.run()
    at.button(key="conv_take").click().run()
    assert at.query_params["kernel"] == "resnet20/conv1/0"
    from explainer.models import load_model

    weight = load_model("resnet20").model.get_submodule("conv1").weight[0, 0].flatten()
    assert frame(at)["weight"].tolist() == pytest.approx(weight.tolist())


def test_a_kernel_of_the_readers_own_weights(page, tmp_path):
    net = torchvision.models.alexnet()
    torch.save(net.state_dict(), tmp_path / "mine.pth")
    path = shelf().put((tmp_path / "mine.pth").read_bytes())
    identity = shelf().tell(OwnWeights(path, "mine.pth", "alexnet"))
    at = page(source="photo", side="24")
    at.session_state["own_opened"] = [("alexnet", identity)]
    at.session_state["conv_taking"] = True
    at.run()
    assert "mine.pth" in at.selectbox(key="conv_network").options
    at.selectbox(key="conv_network").set_value(identity).run()
    at.number_input(key=f"conv_from_{identity}_features.0").set_value(5).run()
    at.button(key="conv_take").click().run()
    found = frame(at)
    weight = net.features[0].weight[5].detach()
    assert found["weight"].tolist() == pytest.approx(weight.flatten().tolist())
    assert [f"{identity}/features.0/5", "mine.pth/features.0/5"] in found["presets"]
    assert code(at) == "nn.Conv2d(3, 1, 11, padding=1)"
    written = at.expander[0].code[0].value
    assert identity not in written  # code has no way to a file that was uploaded
    space: dict = {}
    exec(written, space)
    assert torch.equal(space["layer"].weight[0], weight)


def test_published_weights_on_this_machine_are_offered(page, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    at = page()
    at.session_state["conv_taking"] = True
    at.run()
    assert at.selectbox(key="conv_network").options == ["ResNet-20", "Tiny VGG", "LeNet-5"]
    (tmp_path / "checkpoints").mkdir()
    file = torchvision.models.AlexNet_Weights.DEFAULT.url.rsplit("/", 1)[-1]
    (tmp_path / "checkpoints" / file).write_bytes(b"cut short")
    at.run()
    assert at.selectbox(key="conv_network").options[3:] == ["AlexNet"]


def test_a_link_to_a_kernel_that_is_not_there_is_passed_over(page):
    for name in (
        "resnet20/conv1/x",
        "resnet20/conv9/0",
        "file-0/conv1/0",
        "nothing/conv1/0",
        "vgg16/features.0/0",
    ):
        assert not page(kernel=name).error


def test_a_photo(page):
    at = page(source="photo", side="24", kernel="sobel-x")
    assert not at.error
    found = frame(at)
    assert (found["channels"], found["colour"], found["paintable"]) == (3, True, False)
    assert found["input"].max() <= 1
