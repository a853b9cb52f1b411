"""The training page without a browser: the recipe in the link, a run from its start to its result."""

import shutil
import time
from dataclasses import asdict, replace

import pytest
from page_parts import checked, frame_with, link_of, visit
from streamlit.testing.v1 import AppTest

from explainer.training.recipe import Recipe, dump_recipe, load_recipe
from explainer.training.runs import Run
from explainer.ui.training.recipe_link import USUAL
from explainer.ui.training.recipe_network import meant

HOSTILE = (
    "start:/etc/passwd,teacher:tiny_vgg=/etc/passwd,dataset:/etc,network:../x,device:mps;x,epochs:0,"
    "learning_rate:nan,flip:7,optimizer:lion,nonsense:1,batch_size:abc,seed"
)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def drafted(**settings: str) -> Recipe:
    """The recipe that a link with these settings stands for."""

    def script() -> None:
        import streamlit as st

        from explainer.training.recipe import dump_recipe
        from explainer.ui.training.draft import draft

        st.code(dump_recipe(draft()))

    app = AppTest.from_function(script)
    app.query_params["recipe"] = ",".join(f"{name}:{value}" for name, value in settings.items())
    app.run()
    assert not app.exception
    return read(app.code[0].value)


def read(text: str) -> Recipe:
    import tomllib

    from explainer.training.recipe import recipe_from

    return recipe_from(tomllib.loads(text))


def test_a_link_changes_what_it_names_and_nothing_else():
    found = drafted(epochs="20", flip="0.5", optimizer="sgd", network="resnet20", channels_last="0")
    usual = replace(USUAL, name=found.name)
    wanted = replace(
        usual,
        epochs=20,
        optimizer="sgd",
        network="resnet20",
        channels_last=False,
        augmentation=replace(usual.augmentation, flip=0.5),
    )
    assert asdict(found) == asdict(wanted)


def test_a_link_can_name_no_file_of_the_server_and_nothing_out_of_bounds():
    app = visit("training", "recipe", recipe=HOSTILE)
    assert not app.exception
    assert any("cannot name a folder of the server" in error.value for error in app.error)
    rest = HOSTILE.replace("dataset:/etc,", "")
    found = drafted(**dict(part.split(":", 1) for part in rest.split(",") if ":" in part))
    assert asdict(found) == asdict(replace(USUAL, name=found.name))


def test_a_network_is_found_by_a_part_of_its_name_and_one_that_is_none_is_named():
    assert [meant(typed) for typed in ("SqueezeNet", "ResNet-18", "no such, thing")] == [
        "squeezenet1_0",
        "resnet18",
        "no_such__thing",
    ]
    app = visit("training", "recipe", recipe="network:no_such__thing")
    assert len(app.error) == 1
    assert "There is no network called no_such__thing. Did you mean" in app.error[0].value
    app.selectbox(key="recipe_network").set_value("tiny_vgg").run()
    checked(app)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("side:32", "tiny_vgg takes no images of 32 × 32 pixels. It usually sees 64 × 64"),
        ("mean:0.5,std:0.2", "mean and deviation of fewer channels than the images"),
    ],
)
def test_images_that_the_network_cannot_take_are_refused_before_a_run_begins(runs, recipe, said):
    app = visit("training", "recipe", recipe=recipe)
    assert [said in error.value for error in app.error] == [True]
    app.button(key="start_training").click().run()
    assert any(said in error.value for error in app.error)
    assert not any(runs.glob("*/recipe.toml"))


def test_a_run_that_is_not_here_is_named_and_another_is_shown(runs):
    Run.new(replace(USUAL, name="mine"), runs)
    app = checked(visit("training", "runs", run="gone"))
    assert ["gone" in warning.value for warning in app.warning] == [True]
    assert app.selectbox(key="training_run").value == "mine"


def test_a_folder_that_takes_no_file_is_named_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path / "file" / "runs"))
    app = checked(visit("training", "recipe"))
    app.button(key="start_training").click().run()
    assert not app.exception
    assert ["cannot change its folder of runs" in error.value for error in app.error] == [True]


def test_a_run_whose_folder_was_deleted_is_not_continued(runs):
    run = Run.new(replace(USUAL, name="short"), runs)
    app = checked(visit("training", "runs", run="short"))
    shutil.rmtree(run.folder)
    app.button(key="run_play_arrow").click().run()
    assert not app.exception
    assert "short" in app.warning[0].value


def test_images_too_large_for_the_memory_are_refused_and_the_way_back_is_there():
    app = visit("training", "recipe", recipe="side:1024")
    assert len(app.error) == 1
    assert "At 1024 × 1024 pixels, 1,800 images take 5.7 GB of memory" in app.error[0].value
    checked(app.button(key="recipe_reset").click().run())


def test_the_form_and_the_link_follow_each_other():
    app = checked(visit("training", "recipe"))
    assert "recipe" not in link_of(app)
    app.slider(key="recipe_epochs").set_value(7).run()
    app.segmented_control(key="recipe_strategy").set_value("gradual").run()
    checked(app)
    settings = dict(part.split(":") for part in link_of(app)["recipe"].split(","))
    assert settings == {"epochs": "7", "frozen_stages": "-1", "unfreeze_every": "1"}
    plan = frame_with(app, "rates")
    assert plan["epochs"] == 7
    rates = plan["rates"].reshape(len(plan["stages"]), -1)
    assert (rates[-1] > 0).all()  # the head from the beginning, the stage before it later
    assert (rates[-2] > 0).tolist() == sorted((rates[-2] > 0).tolist())
    assert not (rates[-2] > 0).all()
    app.button(key="recipe_reset").click().run()
    assert "recipe" not in link_of(checked(app))
    assert app.slider(key="recipe_epochs").value == USUAL.epochs


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_runs_the_reader_is_led_to_the_recipe(language):
    for part in ("runs", "replay"):
        app = checked(visit("training", part, lang=language))
        assert app.info


def test_a_name_that_is_taken_or_of_no_use_is_refused(runs):
    Run.new(replace(USUAL, name="mine"), runs)
    refused = (
        ("mine", "already"),
        ("../mine", "letters"),
        ("a b", "letters"),
        ("data", "something else"),  # where data sets of readers lie
        ("published", "something else"),  # what a recipe calls weights from elsewhere
    )
    for name, words in refused:
        app = visit("training", "recipe")
        app.text_input(key="recipe_run_name").set_value(name).run()
        app.button(key="start_training").click().run()
        assert not app.exception
        assert any(words in error.value for error in app.error), name
    assert sorted(path.name for path in runs.iterdir()) == ["mine"]


def test_a_run_that_has_not_begun_is_waited_for_without_a_loop(runs):
    """Its process may take seconds to come up: until then the page must come to rest between two looks."""
    Run.new(replace(USUAL, name="fresh"), runs)
    app = checked(visit("training", "replay", run="fresh"))
    assert any("has not kept an epoch yet" in info.value for info in app.info)


def test_the_learning_map_takes_a_rate_of_zero():
    app = visit("training", "recipe", recipe="learning_rate:0")
    app.toggle(key="learning_map_on").set_value(True).run()
    checked(app)


def test_a_recipe_comes_back_from_a_file(runs):
    recipe = replace(USUAL, name="brought", epochs=3, mixup=0.2, dataset="/etc/passwd")
    app = visit("training", "recipe")
    app.file_uploader[0].upload("brought.toml", dump_recipe(recipe).encode(), "application/toml").run()
    settings = dict(part.split(":") for part in link_of(checked(app))["recipe"].split(","))
    assert settings == {"epochs": "3", "mixup": "0.2"}  # no path of this machine goes into a link
    app.file_uploader[0].upload("broken.toml", b"epochs = [", "application/toml").run()
    assert not app.exception
    assert any("no TOML" in error.value for error in app.error)


@pytest.mark.slow
def test_a_run_from_its_start_to_its_result(runs):
    app = visit("training", "recipe", recipe="epochs:1,batch_size:64,learning_rate:0.003")
    app.text_input(key="recipe_run_name").set_value("short").run()
    app.button(key="start_training").click().run()
    assert not app.exception
    assert link_of(app)["part"] == "runs"
    assert link_of(app)["run"] == "short"
    run = Run(runs / "short")
    until = time.monotonic() + 120
    while run.status().state != "finished":
        assert time.monotonic() < until, run.status()
        assert run.status().state != "failed", run.status()
        time.sleep(0.2)
    assert load_recipe(run.folder / "recipe.toml").epochs == 1
    app.run()
    lines = run.lines()[0]
    course = frame_with(app, "runs")["runs"][0]
    steps = [line for line in lines if line["kind"] == "step"]
    assert course["steps"]["loss"].tolist() == pytest.approx([line["loss"] for line in steps])
    last = [line for line in lines if line["kind"] == "epoch"][-1]
    confusion = frame_with(app, "counts")
    assert confusion["counts"].tolist() == [count for row in last["confusion"] for count in row]
    assert sum(confusion["counts"]) == 220
    metrics = {metric.label: metric.value for metric in app.metric}
    assert set(metrics) == {"training images", "validation images", "test images"}
    # Somebody else sees the run by its link, and cannot steer it.
    other = checked(visit("training", "runs", run="short"))
    assert any("somebody else" in caption.value for caption in other.caption)
    assert not [button for button in other.button if button.key == "run_delete_forever"]
    japanese = visit("training", "runs", run="short", lang="ja")
    assert frame_with(japanese, "counts")["classes"][:2] == ["りんご", "風船"]
    # The reader deletes it.
    app.button(key="run_delete_forever").click().run()
    assert not run.folder.exists()
    assert checked(app).info
