"""The augmentation part: settings in the link, the preview, one's own pictures, what it does to a network."""

import io
import time

import page_parts
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.training.data import Dataset, Split, load_dataset
from explainer.training.preview import preview
from explainer.training.recipe import Augmentation, Recipe
from explainer.ui.jobs import jobs
from explainer.ui.training.augmentation_settings import PRESETS

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path))


def visit(**link: str) -> AppTest:
    return page_parts.checked(page_parts.visit("training", "augmentation", **link))


def measured(page: AppTest) -> AppTest:
    """The page once the network has been asked."""
    name = page.session_state["augmentation_effect-wanted"]
    until = time.monotonic() + 120
    while time.monotonic() < until and (job := jobs().find(name, "test")) and not job.finished:
        time.sleep(0.05)
    return page_parts.checked(page.run())


def grid(page: AppTest) -> dict:
    return page_parts.frame_with(page, "rows")


def test_the_preview_is_what_training_would_see():
    page = visit(recipe="flip:0.5,rotate:20,cutmix:1", draws="3")
    frame = grid(page)
    assert len(frame["rows"]) == 6
    assert {len(row["draws"]) for row in frame["rows"]} == {8}
    for row in frame["rows"]:
        for one in row["draws"]:
            assert sum(one["shares"]) == pytest.approx(1, abs=1e-6)
    data = load_dataset("starter")
    pixels = torch.from_numpy(frame["pixels"].copy()).reshape(-1, 64, 64, 3).permute(0, 3, 1, 2)
    recipe = Recipe(
        name="run", network="tiny_vgg", dataset="starter", epochs=1, batch_size=6, optimizer="adamw",
        learning_rate=0.1, weight_decay=0.0, augmentation=Augmentation(flip=0.5, rotate=20), cutmix=1.0,
    )  # fmt: skip
    labels = [row["label"] for row in frame["rows"]]
    drawn = preview(pixels[:6], labels, data.classes, recipe, 8, 3)
    wanted = torch.cat([torch.stack([one.image for one in draw]) for draw in drawn])
    assert (pixels[6:].float() - 255 * wanted).abs().max() <= 0.501
    assert any("Mirror 0.5 · Rotation 20 · CutMix 1" in one.value for one in page.caption)


def test_settings_and_presets_stand_in_the_link():
    page = visit()
    page.slider(key="recipe_flip").set_value(0.5).run()
    assert page_parts.link_of(page)["recipe"] == "flip:0.5"
    frame = grid(page)
    assert any("Mirrored" in one["done"] for row in frame["rows"] for one in row["draws"])
    page.segmented_control(key="augmentation_preset").set_value("strong").run()
    page_parts.checked(page)
    link = page_parts.link_of(page)["recipe"]
    assert set(link.split(",")) == {
        f"{name}:{value:g}" if isinstance(value, float) else f"{name}:{value}"
        for name, value in PRESETS["strong"].items()
        if value not in (0, "none")
    }
    page.segmented_control(key="linked_changes").set_value("mix").run()
    page.select_slider(key="recipe_mixup").set_value(1.0).run()
    assert "mixup:1" in page_parts.link_of(page)["recipe"]
    assert page.segmented_control(key="augmentation_preset").value is None
    before = grid(page)["pixels"]
    page.button(key="augmentation_draws").click().run()
    assert page_parts.link_of(page)["draws"] == "1"
    assert (grid(page)["pixels"] != before).any()
    page.button(key="augmentation_reset").click().run()
    assert "recipe" not in page_parts.link_of(page)
    assert page.segmented_control(key="augmentation_preset").value == "none"


def test_a_trained_network_is_asked_before_and_after():
    page = measured(visit(recipe="network:resnet18,rotate:90", chosen="2,1"))
    assert any("has been trained is asked" in one.value for one in page.caption)
    frame = page_parts.frame_with(page, "likeness")
    assert -1 <= frame["likeness"] < 1
    assert len(frame["maps"]) == len(frame["activations"]) == 2
    change = list(frame["change"])
    assert change == sorted(change, reverse=True)
    page.selectbox(key="augmentation_layer").set_value("conv_2_1").run()
    assert page_parts.link_of(page)["at"] == "conv_2_1"
    other = page_parts.frame_with(measured(page), "likeness")
    assert other["identity"] != frame["identity"]
    assert "augment(batch.images" in page.code[0].value


def test_random_weights_are_said_to_be_random():
    page = measured(visit(model="tiny_vgg", weights="none", recipe="flip:1"))
    assert any("Untrained" in one.value for one in page.get("badge") or page.markdown)


def test_pictures_of_ones_own():
    page = visit(of="own", recipe="mixup:1")
    assert "Upload some pictures" in page.info[0].value
    files = []
    for number, colour in enumerate(("red", "blue", "lime")):
        made = io.BytesIO()
        Image.new("RGB", (90, 40 + number), colour).save(made, "PNG")
        files.append((f"{number}.png", made.getvalue(), "image/png"))
    page.file_uploader(key="augmentation_upload").set_value(
        [*files, ("no.png", b"nothing", "image/png")]
    ).run()
    assert any("no.png" in one.value for one in page.error)
    page.file_uploader(key="augmentation_upload").set_value(files).run()
    frame = grid(page)
    assert frame["classes"] == ["Your picture 1", "Your picture 2", "Your picture 3"]
    assert frame["pixels"].reshape(-1, 64, 64, 3)[0].reshape(-1, 3).mean(0).tolist() == [255, 0, 0]
    assert any(len(one["shares"]) == 2 for row in frame["rows"] for one in row["draws"])


def test_mirrored_digits_are_warned_of():
    from explainer.ui.training.storage import keep_dataset

    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (40, 1, 28, 28), generator=generator, dtype=torch.uint8)
    labels = torch.arange(10).repeat(4)
    train, test = Split(images, labels), Split(images[:10].clone(), labels[:10].clone())
    key = keep_dataset(Dataset(train, test, tuple("0123456789"), "digits"))
    page = visit(recipe=f"dataset:{key},flip:0.5")
    assert "A mirrored 3 or 7" in page.warning[0].value
    assert grid(page)["width"] == 28
    assert visit(recipe=f"dataset:{key},shift:0.1").warning.values == []


@pytest.mark.parametrize(
    "query",
    [
        {
            "changes": "?",
            "of": "x",
            "pictures": "-1",
            "draws": "1e9",
            "chosen": "9,9",
            "recipe": "flip:nan,policy:x",
        },
        {"chosen": "99999999999999999999", "at": "no such layer/1/2,3", "model": "no such network"},
        {"recipe": "dataset:/etc/passwd"},
    ],
)
def test_odd_links(query):
    page = page_parts.visit("training", "augmentation", **query)
    assert not page.exception
    if "dataset" not in query.get("recipe", ""):
        assert grid_of_any(page)["chosen"] == [0, 0]


def grid_of_any(page: AppTest) -> dict:
    return next(frame for frame in page_parts.frames(page) if "rows" in frame)


def test_large_images_are_previewed_in_a_job():
    page = visit(recipe="side:128,rotate:45")
    name = page.session_state["augmentation-wanted"]
    until = time.monotonic() + 120
    while time.monotonic() < until and (job := jobs().find(name, "test")) and not job.finished:
        time.sleep(0.05)
    frame = grid(page.run())
    assert (frame["width"], len(frame["rows"]), len(frame["rows"][0]["draws"])) == (128, 4, 4)
