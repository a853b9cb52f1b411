"""The data part: choosing, looking, the reader's zip, a folder of the server, taking twins out, advice."""

import io
import time
import zipfile

import numpy as np
import page_parts
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.training import room
from explainer.training.starter import starter
from explainer.ui.jobs import jobs
from explainer.ui.training.storage import _datasets, open_dataset


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)
    monkeypatch.delenv("CONVSCOPE_FOLDERS", raising=False)


def settled(app: AppTest, *keys: str) -> AppTest:
    """The page once nothing is being worked on."""
    for _ in range(6):
        assert not app.exception
        waiting = False
        for key in ("data_opening", "data_import", "data_clean", "data_checks", "data_download", *keys):
            if f"{key}-wanted" not in app.session_state:
                continue
            name = app.session_state[f"{key}-wanted"]
            until = time.monotonic() + 60
            while (job := jobs().find(name, "test")) and not job.finished:
                waiting = True
                assert time.monotonic() < until
                time.sleep(0.05)
        app.run()
        if not waiting:
            break
    return app


def visit(**link: str) -> AppTest:
    return settled(page_parts.visit("training", "data", **link))


def picture(number: int) -> bytes:
    made = io.BytesIO()
    pixels = starter(train=12, test=1).train.images[number].permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(made, "PNG")
    return made.getvalue()


def zipped() -> bytes:
    """Two classes; one apple is in the training twice, one boat is in the test, too; one file is no image."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, first in (("apple", 0), ("boat", 24)):
            for number in range(8):
                archive.writestr(f"train/{name}/{number}.png", picture(first + number))
            for number in range(8, 10):
                archive.writestr(f"test/{name}/{number}.png", picture(first + number))
        archive.writestr("train/apple/again.png", picture(0))
        archive.writestr("test/boat/leaked.png", picture(24))
        archive.writestr("train/boat/notes.txt", "no image")
    return made.getvalue()


@pytest.fixture
def own() -> AppTest:
    app = visit(**{"from": "upload"})
    app.file_uploader(key="data_file").set_value(("fruit.zip", zipped(), "application/zip")).run()
    app.button(key="data_file_take").click().run()
    return settled(app)


def recipe_of(app: AppTest) -> dict[str, str]:
    text = page_parts.link_of(app).get("recipe", "")
    return dict(part.split(":", 1) for part in text.split(",") if part)


def test_the_set_to_begin_with():
    app = page_parts.checked(visit())
    wall = page_parts.frame_with(app, "sheet")
    assert len(wall["classes"]) == 10
    assert wall["counts"]["train"].tolist() == [128] * 10  # 150 without 15 %
    assert wall["counts"]["validation"].tolist() == [22] * 10
    assert wall["counts"]["test"].tolist() == [30] * 10
    assert [row["label"] for row in wall["rows"]] == list(range(10))
    assert any("Nothing to mend" in one.value for one in app.markdown)
    assert list(app.selectbox(key="data_set").options) == ["Drawings of ten things"]


def test_share_and_seed_stand_in_the_recipe():
    app = visit()
    app.slider(key="recipe_validation").set_value(0.3).run()
    app.slider(key="recipe_seed").set_value(7).run()
    assert recipe_of(app) == {"validation": "0.3", "seed": "7"}
    assert page_parts.frame_with(app, "sheet")["counts"]["validation"].tolist() == [45] * 10


def test_the_link_says_what_the_wall_shows():
    app = visit(split="test", label="3", recipe="validation:0")
    wall = page_parts.frame_with(app, "sheet")
    assert (wall["shown"], wall["label"]) == ("test", 3)
    assert [len(row["places"]) for row in wall["rows"]] == [30]
    assert wall["counts"]["validation"].tolist() == [0] * 10


@pytest.mark.parametrize(
    "link",
    [
        {"split": "?", "label": "99", "sheet": "-4", "draw": "x", "from": "cloud", "like": "measured"},
        {"split": "validation", "label": "nan", "sheet": "1e9", "recipe": "validation:7,std:0/0/0,mean:nan"},
        {"recipe": "network:/etc/passwd,mean:0.5/0.5"},
    ],
)
def test_odd_links(link):
    app = page_parts.checked(visit(**link))
    assert page_parts.frame_with(app, "sheet")["label"] == -1


@pytest.mark.parametrize("key", ["own:" + "0" * 20, "/etc", "own:../../x", "torchvision:MNIST", "nothing"])
def test_what_is_not_here_is_said(key):
    app = visit(recipe=f"dataset:{key}")
    assert not app.exception
    assert app.error
    assert "log says more" not in app.error[0].value
    app.selectbox(key="data_set").set_value("starter").run()  # the way out
    assert page_parts.frame_with(settled(app), "sheet")


@pytest.mark.slow
def test_a_zip_of_ones_own(own):
    page_parts.checked(own)
    assert recipe_of(own)["dataset"].startswith("own:")
    wall = page_parts.frame_with(own, "sheet")
    assert wall["classes"] == ["apple", "boat"]
    total = wall["counts"]["train"] + wall["counts"]["validation"]
    assert total.tolist() == [9, 8]
    assert wall["counts"]["test"].tolist() == [2, 3]
    assert any("notes.txt" in one.value for one in own.markdown)
    twins = page_parts.frame_with(own, "totals")
    assert twins["totals"] == {"leaks": 1, "conflicts": 0, "repeats": 1}
    assert [(one["part"], one["label"]) for one in twins["groups"][0]["members"]] == [
        ("train", "boat"),
        ("test", "boat"),
    ]


@pytest.mark.slow
def test_a_set_that_was_gone_can_be_brought_again(own, tmp_path):
    key = recipe_of(own)["dataset"]
    _datasets().clear()
    (file,) = (tmp_path / "runs" / "data").glob("*.safetensors")
    content = file.read_bytes()
    file.unlink()
    app = settled(own.run())
    assert "Bring them along again" in app.error[0].value
    file.write_bytes(content)
    app = page_parts.checked(settled(app.run()))
    assert recipe_of(app)["dataset"] == key
    assert page_parts.frame_with(app, "sheet")["classes"] == ["apple", "boat"]


@pytest.mark.slow
def test_a_restart_forgets_neither_the_set_nor_its_title(own):
    key, reader = recipe_of(own)["dataset"], own.session_state["training_reader"]
    st.cache_resource.clear()  # all that a server holds in memory

    def come_back(who: str) -> AppTest:
        app = page_parts.opened("training", "data", {"training_reader": who}, recipe=f"dataset:{key}")
        return page_parts.checked(settled(app))

    app = come_back(reader)
    assert list(app.selectbox(key="data_set").options) == ["Drawings of ten things", "fruit.zip"]
    assert any(one.value.startswith("**fruit.zip**") for one in app.markdown)
    other = come_back("0" * 32)  # whoever follows a link sees the images, not what they are called
    assert list(other.selectbox(key="data_set").options) == ["Drawings of ten things", "Own images"]


@pytest.mark.slow
def test_taking_twins_out_makes_another_set(own):
    before = recipe_of(own)["dataset"]
    own.button(key="data_clean_take").click().run()
    app = page_parts.checked(settled(own))
    after = recipe_of(app)["dataset"]
    assert after != before
    assert [len(open_dataset(key).train) for key in (before, after)] == [17, 15]
    assert len(open_dataset(after).test) == 5
    assert not any("totals" in frame for frame in page_parts.frames(app))


@pytest.mark.slow
def test_a_zip_that_holds_no_classes_is_explained():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.png", picture(0))
    app = visit(**{"from": "upload"})
    app.file_uploader(key="data_file").set_value(("flat.zip", made.getvalue(), "application/zip")).run()
    app.button(key="data_file_take").click().run()
    app = settled(app)
    assert "two classes" in app.error[0].value
    assert page_parts.frames(app)  # the rest of the page still works


@pytest.mark.slow
def test_folders_of_the_server_only_where_they_are_opened(tmp_path, monkeypatch):
    assert "folder" not in visit().segmented_control(key="linked_from").options
    top = tmp_path / "open"
    for name in ("apple", "boat"):
        (top / "fruit" / name).mkdir(parents=True)
        for number in range(3):
            (top / "fruit" / name / f"{number}.png").write_bytes(picture(24 * (name == "boat") + number))
    (tmp_path / "secret").mkdir()
    (top / "away").symlink_to(tmp_path / "secret")
    (top / ".hidden").mkdir()
    monkeypatch.setenv("CONVSCOPE_FOLDERS", str(top))
    app = visit(**{"from": "folder"})
    assert list(app.selectbox(key="data_folder").options) == ["open/fruit"]
    app.button(key="data_folder_take").click().run()
    app = page_parts.checked(settled(app))
    assert page_parts.frame_with(app, "sheet")["classes"] == ["apple", "boat"]
    assert "open" not in page_parts.link_of(app)["recipe"]


@pytest.mark.slow
def test_a_download_without_a_network_is_explained(monkeypatch):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    app = visit(**{"from": "download"})
    assert "170 MB" in app.button(key="data_published_get").label
    app.button(key="data_published_get").click().run()
    app = settled(app)
    assert "CIFAR-10 could not be downloaded" in app.error[0].value
    assert "connection to the internet" in app.error[0].value
    assert page_parts.frames(app)


def test_mean_and_deviation_go_into_the_recipe():
    app = visit()
    app.toggle(key="data_scaled").set_value(True).run()
    pixels = starter().train.images.numpy() / 255
    said = recipe_of(app)
    for name, expected in (("mean", pixels.mean((0, 2, 3))), ("std", pixels.std((0, 2, 3)))):
        assert np.allclose([float(one) for one in said[name].split("/")], expected, atol=1e-3)
    app.toggle(key="data_scaled").set_value(False).run()
    assert recipe_of(app) == {}


def test_advice_goes_into_the_recipe_and_says_so():
    app = visit(like="near")
    app.button(key="data_advice_use").click().run()
    said = recipe_of(page_parts.checked(app))
    assert (said["start"], said["frozen_stages"], said["epochs"]) == ("published", "-1", "30")
    assert any("frozen stages -1" in one.value for one in app.success)
    app.segmented_control(key="linked_like").set_value("none").run()
    assert not any("frozen stages" in one.value for one in app.success)
    app.button(key="data_advice_use").click().run()
    said = recipe_of(app)
    assert "start" not in said
    assert "frozen_stages" not in said
    assert float(said["shift"]) == 0.1


def test_without_weights_of_imagenet_that_is_said():
    app = visit(recipe="network:resnet18")
    assert "Measure it" not in app.segmented_control(key="linked_like").options
    assert any("No weights that know ImageNet" in one.value for one in app.caption)


@pytest.mark.slow
def test_likeness_is_measured_with_weights_at_hand(data_folder, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA", str(data_folder))
    app = page_parts.checked(settled(visit(recipe="network:squeezenet1_1"), "data_likeness"))
    said = next(one.value for one in app.caption if "SqueezeNet" in one.value and "surer" in one.value)
    assert "unlike those" in said  # drawings
    assert any("unlike those that the network knows" in one.value for one in app.info)


def test_the_classes_of_the_first_set_are_named_in_the_readers_language():
    app = visit(lang="ja")
    assert page_parts.frame_with(app, "sheet")["classes"][:2] == ["りんご", "風船"]
    assert open_dataset("starter").classes[:2] == ("apple", "balloon")


def test_only_a_size_that_can_be_learned_from_is_offered(monkeypatch):
    app = visit(recipe="network:squeezenet1_1")
    assert "224 × 224" in app.button(key="data_resize").label
    monkeypatch.setattr(room, "MOST", room.bytes_of(1800, 3, 100))
    app = visit(recipe="network:squeezenet1_1")
    assert any("At 224 × 224 all 1,800 images would take" in one.value for one in app.caption)
    app.button(key="data_resize").click().run()
    assert recipe_of(app)["side"] == "96"
    assert "data_resize" not in {one.key for one in app.button}
    app.query_params["part"] = "recipe"
    assert not page_parts.checked(app.run()).button(key="start_training").disabled
    app.query_params["recipe"] = "network:squeezenet1_1,side:224"
    assert "more than the" in app.run().error[0].value


def test_grey_images_are_said_to_need_another_network(data_folder, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA", str(data_folder))
    app = visit(recipe="dataset:mnist_10k")
    assert any("one channel" in one.value for one in app.caption)
    app = visit(recipe="network:lenet5")
    assert any("three channels" in one.value for one in app.caption)
    assert "data_resize" not in {one.key for one in app.button}  # at no size would they be taken
