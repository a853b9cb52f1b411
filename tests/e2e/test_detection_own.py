"""A reader's own detector in the browser: told what it is, opened on every part, refused in words."""

import re

import pytest
import torch
from playwright.sync_api import expect

from explainer.detection import load_detector
from explainer.models.entries import WEIGHTS

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The bundled detectors under other names, as a training saves them, and a classifier."""
    folder = tmp_path_factory.mktemp("detectors")
    yolox = load_detector("faces_yolox_nano").model.state_dict()
    torch.save({"start_epoch": 300, "model": yolox}, folder / "best_ckpt.pth")
    torch.save(load_detector("faces_faster_rcnn").model.state_dict(), folder / "two.pth")
    (folder / "classifier.safetensors").write_bytes((WEIGHTS / "resnet20.safetensors").read_bytes())
    return folder


def bring(page, file):
    """Open the panel, upload a file and return the panel."""
    page.get_by_role("button", name="Own weights").first.click()
    body = page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    body.locator("input[type=file]").first.set_input_files(file)
    return body


def test_a_detector_is_opened_and_goes_from_part_to_part(app_server, open_page, files):
    page = open_page(app_server("detection?part=yolo"))
    page.locator(".yolo-three canvas").first.wait_for()
    body = bring(page, files / "classifier.safetensors")
    expect(body.get_by_text("of no detector that can be opened here")).to_be_visible()
    body.locator("input[type=file]").first.set_input_files(files / "best_ckpt.pth")
    expect(body.get_by_text("This is YOLOX-Nano for 3 classes.")).to_be_visible()
    expect(body.get_by_text("of no detector")).to_be_hidden()
    assert "own=" not in page.url, "looking is not opening"
    names = body.get_by_role("textbox", name="Class names")
    names.fill("bare\nmasked")
    names.blur()
    body.get_by_role("button", name="Open as YOLOX-Nano").click()
    expect(body.get_by_text("The detector has 3 classes, but there are 2 class names.")).to_be_visible()
    names.fill("bare\nmasked\nwrong")
    names.blur()
    body.get_by_role("button", name="Open as YOLOX-Nano").click()
    page.wait_for_url(re.compile(r"detector=yolox_nano&own=file-[0-9a-f]{32}"))
    expect(body).to_be_hidden()
    chosen = page.get_by_role("combobox", name="Detector")
    expect(chosen).to_have_value("YOLOX-Nano · best_ckpt.pth")
    expect(page.get_by_text(re.compile(r"× bare 0\.\d+ = score"))).to_be_visible()

    # The part that cannot show it shows its own; the evaluation can.
    page.get_by_role("radio", name="Faster R-CNN step by step").click()
    expect(chosen).to_have_value(re.compile("Small Faster R-CNN"))
    page.get_by_role("radio", name="Evaluation").click()
    expect(chosen).to_have_value("YOLOX-Nano · best_ckpt.pth")

    # The link shows it to others; the way back leads to the bundled one.
    other = open_page(page.url)
    expect(other.get_by_role("combobox", name="Detector")).to_have_value("YOLOX-Nano · best_ckpt.pth")
    other.get_by_role("button", name="Own weights").click()
    other.get_by_role("button", name="Back to the published weights").click()
    expect(other.get_by_role("combobox", name="Detector")).to_have_value(re.compile("faces and masks"))
    assert "own=" not in other.url


def test_another_kind_of_detector_leads_to_the_part_that_shows_it(app_server, open_page, files):
    page = open_page(app_server("detection?part=yolo"))
    page.locator(".yolo-three canvas").first.wait_for()
    body = bring(page, files / "two.pth")
    expect(body.get_by_text("It will open under “Faster R-CNN step by step”.")).to_be_visible()
    body.get_by_role("button", name="Open as Small Faster R-CNN").click()
    page.wait_for_url(re.compile(r"part=two_stage.*own=file-"))
    page.locator(".two-root[data-ready]").wait_for()
    expect(page.get_by_role("combobox", name="Detector")).to_have_value("Small Faster R-CNN · two.pth")


def test_a_file_that_is_gone_is_said_and_the_page_goes_on(app_server, open_page):
    page = open_page(app_server(f"detection?part=yolo&detector=yolox_tiny&own=file-{'0' * 32}"))
    expect(page.get_by_text("The weights of this link are no longer here")).to_be_visible()
    page.locator(".yolo-three canvas").first.wait_for()
    expect(page.get_by_role("combobox", name="Detector")).to_have_value(re.compile("faces and masks"))
