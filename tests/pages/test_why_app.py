"""The page "Why this answer?" without a browser: what it puts on the wall, for every kind of network."""

from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.attribution import baseline, grad_cam, integrated_gradients
from explainer.components.heat_wall import FOLDER
from explainer.models import load_model
from explainer.models.entries import bundled
from explainer.render.heat_methods import FIRST, METHODS
from explainer.render.wire import unpack
from explainer.samples import sample
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts
from explainer.ui.why.parts import PARTS

APP = Path(__file__).parents[2] / "app.py"
BUNDLED = [entry.key for entry in bundled()]


def visit(**link) -> AppTest:
    torch.set_num_threads(1)
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.switch_page("pages/why.py")
    for name, value in link.items():
        page.query_params[name.replace("__", ".")] = value
    return page.run()


def frame(page: AppTest) -> dict:
    """Return what the page puts on the wall."""
    assert not page.exception
    assert not page.error, [error.value for error in page.error]
    for part in page.get("bidi_component"):
        if part.proto.bytes and "tiles" in (sent := unpack(part.proto.bytes)):
            return sent
    raise AssertionError("there is no wall")


def keys(sent: dict) -> list[str]:
    return [tile["key"] for tile in sent["tiles"]]


def values(tile: dict) -> np.ndarray:
    return tile["map"]["data"].reshape(tile["map"]["height"], tile["map"]["width"])


def true_map(model: str, image: str, layer: str, index: int, method: str = "gradcam") -> np.ndarray:
    loaded = load_model(model)
    images = loaded.preprocessing.apply(sample(image).load())
    return grad_cam(loaded.model, images, layer, index, method=method).numpy()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("model", BUNDLED)
def test_bundled_networks_fill_the_wall_at_once(model, language):
    page = visit(model=model, lang=language)
    sent = frame(page)
    assert keys(sent) == list(FIRST)
    assert all(tile["map"] for tile in sent["tiles"]), [tile["message"] for tile in sent["tiles"]]
    assert sent["answers"][0]["probability"] == max(answer["probability"] for answer in sent["answers"])
    assert sent["chosen"] == [sent["answers"][0]["index"]]
    titles = [tile["title"] for tile in sent["tiles"]]
    assert ("遮蔽" in titles) == (language == "ja")


def test_the_maps_are_those_of_the_library():
    sent = frame(visit(model="tiny_vgg", image="coffee", at="relu_2_2", **{"class": "8"}))
    assert sent["chosen"] == [8]
    for tile in sent["tiles"][:4]:
        true = true_map("tiny_vgg", "coffee", "relu_2_2", 8, tile["key"])
        assert np.allclose(values(tile), true, atol=1e-5 * true.max()), tile["key"]


def test_layers_side_by_side():
    sent = frame(visit(model="resnet20", image="chelsea", view="layers", methods="layercam"))
    assert keys(sent) == ["layer1.2.relu:2", "layer2.2.relu:2", "layer3.2.relu:2"]
    assert [tile["map"]["height"] for tile in sent["tiles"]] == [32, 16, 8]
    true = true_map("resnet20", "chelsea", "layer2.2.relu:2", sent["chosen"][0], "layercam")
    assert np.allclose(values(sent["tiles"][1]), true, atol=1e-6)
    sent = frame(visit(model="resnet20", image="chelsea", view="layers", layers="conv1,nowhere,layer2.0.add"))
    assert keys(sent) == ["conv1", "layer2.0.add"]


def test_the_methods_are_kept_while_one_of_them_is_looked_at():
    page = visit(
        model="tiny_vgg", image="coffee", methods="hirescam,saliency", view="layers", method="gradcam++"
    )
    assert {tile["method"] for tile in frame(page)["tiles"]} == {"Grad-CAM++"}
    page.query_params["view"] = "methods"
    assert keys(frame(page.run())) == ["hirescam", "saliency"]
    page.query_params["view"] = "classes"
    del page.query_params["method"]
    assert {tile["method"] for tile in frame(page.run())["tiles"]} == {"HiRes-CAM"}


def test_classes_side_by_side_on_one_scale():
    sent = frame(visit(model="tiny_vgg", image="coffee", view="classes"))
    best = [answer["index"] for answer in sent["answers"][:3]]
    assert keys(sent) == [str(index) for index in best]
    assert sent["chosen"] == best
    assert sent["scale"] == "shared"
    sent = frame(
        visit(model="tiny_vgg", image="coffee", view="classes", classes="9,0,77,x", methods="saliency")
    )
    assert keys(sent) == ["9", "0"]
    assert {answer["index"] for answer in sent["answers"]} >= {0, 9}


def test_for_and_against():
    plain = frame(visit(model="tiny_vgg", image="coffee", methods="gradcam,saliency,eigencam"))
    both = frame(visit(model="tiny_vgg", image="coffee", methods="gradcam,saliency,eigencam", against="1"))
    assert [tile["map"]["signed"] for tile in plain["tiles"]] == [False, False, False]
    assert {tile["key"]: tile["map"]["signed"] for tile in both["tiles"]} == {
        "gradcam": True,
        "saliency": True,
        "eigencam": False,
    }
    first, second = (values(next(t for t in s["tiles"] if t["key"] == "gradcam")) for s in (plain, both))
    assert np.allclose(first, np.maximum(second, 0), atol=1e-6)


def test_settings_stand_in_the_link_and_are_kept_apart():
    coarse = frame(visit(model="tiny_vgg", image="coffee", methods="occlusion", occlusion__size="32"))
    fine = frame(visit(model="tiny_vgg", image="coffee", methods="occlusion", occlusion__size="6"))
    assert not np.allclose(values(coarse["tiles"][0]), values(fine["tiles"][0]))
    assert "size=32" in coarse["tiles"][0]["code"]
    page = visit(model="tiny_vgg", image="coffee", methods="integrated", integrated__steps="8")
    frame(page)
    next(button for button in page.button if button.key == "why_reset").click().run()
    assert "integrated.steps" not in page.query_params
    assert frame(page)["tiles"][0]["forward"] == 32


def test_the_controls_change_the_link():
    page = visit(model="tiny_vgg", image="coffee")
    next(box for box in page.selectbox if box.key == "class").select(8).run()
    assert page.query_params["class"] == "8"
    assert frame(page)["chosen"] == [8]
    next(box for box in page.selectbox if box.key == "layer").select("conv_1_1").run()
    assert page.query_params["at"] == "conv_1_1"
    assert values(frame(page)["tiles"][0]).shape == true_map("tiny_vgg", "coffee", "conv_1_1", 8).shape


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_below_the_wall_can_be_drawn(part, language):
    page = visit(model="tiny_vgg", image="coffee", methods="gradcam", lang=language, part=part)
    frame(page)
    chosen = next(group for group in page.get("button_group") if group.key == "why_part")
    assert chosen.value == part


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v3_small", "timm:deit_tiny_patch16_224"])
def test_untrained_networks_of_other_kinds(model):
    page = visit(
        model=model, weights="none", methods=",".join(key for key in METHODS if not METHODS[key].many)
    )
    sent = frame(page)
    assert any("random" in text.value for text in page.markdown)
    assert len(sent["tiles"]) == 7
    for tile in sent["tiles"]:
        assert tile["map"], tile["message"]
        assert np.isfinite(values(tile)).all()
    assert any(tile["map"]["high"] > 0 for tile in sent["tiles"][:4])


def test_the_wall_gets_all_its_words_in_japanese():
    sent = frame(visit(model="tiny_vgg", image="coffee", lang="ja"))
    wanted = {key for path in FOLDER.glob("*.js") for key in javascript_texts(path.read_text("utf-8"))}
    assert wanted
    known = catalogue.load("ja")
    assert sent["text"] == {key: known[key] for key in wanted}


@pytest.mark.parametrize(
    "link",
    [
        {"view": "everything"},
        {"view": "layers", "layers": "nowhere"},
        {"view": "classes", "classes": "-1,999"},
        {"methods": "magic"},
        {"methods": "scorecam", "view": "classes"},
        {"class": "99999"},
        {"at": "output/3/0,0"},
        {"occlusion.size": "1e99", "integrated.baseline": "../../etc"},
        {"part": "nothing"},
    ],
)
def test_nonsense_in_the_link_does_not_break_the_page(link):
    sent = frame(visit(model="tiny_vgg", image="coffee", **link))
    assert sent["tiles"]


def test_completeness_is_checked_with_as_many_points_as_the_reader_wants():
    page = visit(
        model="tiny_vgg", image="coffee", part="completeness", methods="integrated", **{"class": "8"}
    )
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("coffee").load())
    for steps in (32, 64):
        found = integrated_gradients(loaded.model, images, 8, baseline=black(loaded, images), steps=steps)
        assert frame(page)["tiles"][0]["backward"] == steps
        assert page.latex[0].value.count(f"{found.total:.4f}") == 1
        row = f"| **{steps}** | **{found.total:.4f}** | **{found.error:.4f}** |"
        assert [table for table in page.markdown if row in table.value]
        page.segmented_control(key="linked_integrated.steps").set_value("64").run()
    assert page.query_params["integrated.steps"] == "64"
    table = next(one.value for one in page.markdown if "**64**" in one.value)
    assert "| 32 |" in table  # what was tried before stays
    page.query_params["integrated.steps"] = "40"
    page.run()
    assert "40" in page.segmented_control(key="linked_integrated.steps").options


def black(loaded, images):
    return baseline("black", images, loaded.preprocessing)
