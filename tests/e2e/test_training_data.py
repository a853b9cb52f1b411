"""A reader brings a zip, looks through it, takes out what is there twice; and photographs two classes."""

import io
import os
import re
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

from explainer.training.starter import starter
from scripts.driver import ROOT, serving

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds within which a data set has been read and looked through, PyTorch loaded."""

DRAWN = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(data).size > 50;
}"""


FILMING = """() => {
  const video = document.querySelector("[data-testid=stCameraInput] video");
  return video && video.readyState >= 2 && video.videoWidth > 0 && video.currentTime > 0;
}"""
"""Before that there is nothing to take a photo of."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with a folder of runs of its own."""
    folder = tmp_path_factory.mktemp("data")
    before = os.environ.get("CONVSCOPE_RUNS")
    os.environ["CONVSCOPE_RUNS"] = str(folder / "runs")
    try:
        with serving(ROOT / "app.py", folder / "log.txt") as app:
            yield app
    finally:
        os.environ.pop("CONVSCOPE_RUNS")
        if before is not None:
            os.environ["CONVSCOPE_RUNS"] = before


def zipped() -> bytes:
    """Apples and boats; one apple is there twice, one boat also among those of the test."""
    images = starter(train=12, test=1).train.images
    made = io.BytesIO()

    def add(archive, name, place):
        file = io.BytesIO()
        Image.fromarray(images[place].permute(1, 2, 0).numpy()).save(file, "PNG")
        archive.writestr(name, file.getvalue())

    with zipfile.ZipFile(made, "w") as archive:
        for name, first in (("apple", 0), ("boat", 24)):
            for place in range(8):
                add(archive, f"train/{name}/{place}.png", first + place)
            for place in range(8, 10):
                add(archive, f"test/{name}/{place}.png", first + place)
        add(archive, "train/apple/again.png", 0)
        add(archive, "test/boat/leaked.png", 24)
        archive.writestr("train/boat/notes.txt", "no image")
    return made.getvalue()


def drawn(canvas):
    for _ in range(300):
        if canvas.evaluate(DRAWN):
            return
        canvas.page.wait_for_timeout(100)
    raise AssertionError("the pictures were not drawn")


def ready(page, state):
    expect(page.locator(".data-wall-root")).to_have_attribute("data-ready", state, timeout=SOON)


def press(page, key):
    page.locator(f".st-key-{key} button:visible").first.click()


def count(page, part):
    return page.locator(f".data-part[data-part='{part}'] b")


def test_a_zip_is_brought_looked_at_and_cleaned(app, open_page):
    page = open_page(app("training?part=data&from=upload&lang=en"))
    ready(page, "train/-1/0/0")
    expect(page.locator(".data-class")).to_have_count(11)
    page.set_input_files(
        ".st-key-data_file input[type=file]",
        {"name": "fruit.zip", "mimeType": "application/zip", "buffer": zipped()},
    )
    press(page, "data_file_take")

    # The wall and the balance.
    rows = page.locator(".data-class")
    expect(rows).to_have_count(3, timeout=SOON)
    assert rows.nth(1).get_attribute("title") == "apple: training 8, validation 1, test 2"
    expect(page.get_by_text("fruit.zip · 17 training images")).to_be_visible()
    expect(page.get_by_text("1 files were left out")).to_be_visible()
    drawn(page.locator(".data-stage canvas"))
    page.locator(".data-stage").focus()
    page.keyboard.press("End")
    expect(page.locator(".data-said")).to_contain_text("boat")
    page.keyboard.press("Home")
    expect(page.locator(".data-said")).to_contain_text("apple")
    rows.nth(2).click()
    ready(page, "train/1/0/0")
    expect(page).to_have_url(re.compile(r"label=1\b"))
    page.locator(".data-part[data-part='test']").click()
    ready(page, "test/1/0/0")
    expect(count(page, "test")).to_have_text("5")

    # What is there twice.
    expect(page.locator(".twins-kind[data-kind='leaks'] b")).to_have_text("1", timeout=SOON)
    expect(page.locator(".twins-card figcaption")).to_have_count(2)
    drawn(page.locator(".twins-card canvas").first)
    page.locator(".twins-kind[data-kind='repeats']").click()
    expect(page.locator(".twins-card figcaption b").first).to_have_text("apple")
    before = page.url
    press(page, "data_clean_take")
    expect(page.get_by_text("Nothing to mend")).to_be_visible(timeout=SOON)
    expect(page.locator(".twins-root")).to_have_count(0)
    expect(count(page, "train")).to_have_text("13")
    assert page.url != before

    # All of it is still there after a reload.
    page.goto(page.url.replace("from=upload", "from=ready"))
    expect(page.get_by_text("2 repeated images left out · 15 training images")).to_be_visible(timeout=SOON)
    expect(count(page, "train")).to_have_text("13", timeout=SOON)


def test_photos_are_taken_class_by_class(app, open_page):
    page = open_page(app("training?part=data&from=camera&lang=en"))
    ready(page, "train/-1/0/0")
    for number, name in enumerate(("cup", "pen")):
        field = page.locator(".st-key-photo_new_class input")
        field.fill(name)
        field.press("Enter")
        expect(page.get_by_role("radio", name=name)).to_have_attribute("aria-checked", "true")
        if not number:
            page.locator(".st-key-photo_camera_on label").first.click()
        for taken in range(1, 4):
            shutter = page.get_by_test_id("stCameraInputButton")
            expect(shutter).to_have_text("Take Photo")
            expect(shutter).to_be_enabled()
            page.wait_for_function(FILMING)
            shutter.click()
            expect(page.locator(f".st-key-photo_strip_{number} .gallery button")).to_have_count(taken)
            expect(shutter).to_have_text("Clear photo")
            shutter.click()
    page.reload()
    photos = page.locator(".gallery button")
    expect(photos).to_have_count(6, timeout=SOON)
    photos.first.click()
    press(page, "photo_remove_0")
    expect(photos).to_have_count(5)
    press(page, "photo_take")
    expect(page).to_have_url(re.compile(r"own%3A[0-9a-f]{20}"), timeout=SOON)
    expect(page.locator(".data-class")).to_have_count(3, timeout=SOON)


def test_it_fits_a_telephone_in_the_dark_and_in_japanese(app, open_page):
    page = open_page(app("training?part=data&lang=ja"), width=420, theme="dark")
    ready(page, "train/-1/0/0")
    drawn(page.locator(".data-stage canvas"))
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
