"""A reader's own weights in the browser: opened, refused in words, and nothing lost."""

import os
import re
import warnings
from pathlib import Path

import pytest
import torch
from network_page import NetworkPage
from playwright.sync_api import Page, expect

from explainer.models.loading import default_preprocessing
from explainer.models.networks import build
from explainer.models.published import construct
from explainer.samples import sample
from explainer.tracing import trace

pytestmark = pytest.mark.e2e


class Runs:
    """Its pickle runs a command."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """Files that a reader may bring: one network in several forms, and several that are none."""
    folder = tmp_path_factory.mktemp("files")
    with torch.random.fork_rng():
        torch.manual_seed(11)
        net = build("resnet20", 3).eval()
        small = build("tiny_vgg", 4).eval()
        torch.save({"state_dict": construct("squeezenet1_1", 2).state_dict()}, folder / "squeeze.pth")
    torch.save({"epoch": 7, "state_dict": net.state_dict()}, folder / "fruit.pth")
    torch.save(net.state_dict() | {"extra": Runs(folder / "mark")}, folder / "hostile.pth")
    (folder / "cut.pth").write_bytes((folder / "fruit.pth").read_bytes()[:200_000])
    sample("coffee").load().save(folder / "photo.jpg")
    (folder / "photo.jpg").rename(folder / "photo.pth")
    changed = net.state_dict() | {"conv1.weight": torch.zeros(16, 3, 5, 5)}
    torch.save(changed, folder / "changed.pth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(small, torch.rand(1, 3, 64, 64)), folder / "script.pt")
        torch.export.save(torch.export.export(small, (torch.rand(1, 3, 64, 64),)), folder / "whole.pt2")
    return folder


def panel(page: Page, words: str = "Own weights"):
    """Open the panel and return it."""
    body = page.get_by_test_id("stPopoverBody")
    if not body.is_visible():
        page.get_by_role("button", name=words).click()
    expect(body).to_be_visible()
    return body


def bring(page: Page, file: Path):
    """Upload a file and return the panel."""
    body = panel(page)
    body.locator("input[type=file]").first.set_input_files(file)
    return body


def test_a_checkpoint_opens_as_what_it_is_with_the_readers_names(app_server, open_page, files):
    page = open_page(app_server("?model=tiny_vgg"))
    shown = NetworkPage(page).ready("tiny_vgg")
    body = bring(page, files / "fruit.pth")
    expect(body.get_by_text("This is ResNet-20 with 3 classes: all tensors fit.")).to_be_visible()
    assert "weights=" not in page.url  # looking is not opening
    names = body.get_by_role("textbox", name="Class names")
    names.fill("apple\nfig")
    names.blur()
    body.get_by_role("button", name="Open as ResNet-20").click()
    expect(body.get_by_text("The network has 3 outputs, but there are 2 class names.")).to_be_visible()
    assert shown.trace.startswith("tiny_vgg")
    names.fill("apple\nfig\npear")
    names.blur()
    body.get_by_role("button", name="Open as ResNet-20").click()
    shown.ready("resnet20/file-")
    expect(body).to_be_hidden()
    expect(page).to_have_url(re.compile(r"model=resnet20&weights=file-[0-9a-f]{32}"))
    expect(page.get_by_role("combobox", name="Network")).to_have_value("ResNet-20 · fruit.pth")

    content = torch.load(files / "fruit.pth", weights_only=True)["state_dict"]
    net = build("resnet20", 3).eval()
    net.load_state_dict(content)
    picture = sample(shown.trace.rsplit("/", 1)[-1]).load()
    images = default_preprocessing("resnet20").apply(picture)
    wanted = trace(net, images).nodes[-1].output[0].softmax(0)
    found = shown.answers()
    assert set(found) == {"apple", "fig", "pear"}
    for name, probability in zip(("apple", "fig", "pear"), wanted.tolist(), strict=True):
        assert found[name] == pytest.approx(100 * probability, abs=0.06)

    code = shown.code()
    assert "load_model('resnet20', 'fruit.pth'" in code
    page.get_by_role("button", name="About").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_text("fruit.pth").first).to_be_visible()
    page.keyboard.press("Escape")

    # The link shows it to someone else; the way back leads to the published weights.
    other = open_page(page.url)
    assert set(NetworkPage(other).ready("resnet20/file-").answers()) == {"apple", "fig", "pear"}
    panel(page).get_by_role("button", name="Back to the published weights").click()
    shown.ready("resnet20/default")
    assert "weights=" not in page.url
    panel(page).get_by_role("button", name="ResNet-20 · fruit.pth").click()
    shown.ready("resnet20/file-")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("hostile.pth", "hostile.pth holds Python objects besides numbers, and opening it could run code"),
        ("cut.pth", "cut.pth cannot be read as weights"),
        ("photo.pth", "photo.pth cannot be read as weights"),
        ("script.pt", "script.pt is a TorchScript program, and running one can do harm"),
    ],
)
def test_what_cannot_be_opened_is_said_and_nothing_is_lost(app_server, open_page, files, file, said):
    page = open_page(app_server("?model=tiny_vgg"))
    shown = NetworkPage(page).ready("tiny_vgg")
    before = shown.trace
    body = bring(page, files / file)
    expect(body.get_by_text(said)).to_be_visible()
    expect(body.get_by_role("button", name=re.compile("^Open as"))).to_have_count(0)
    assert "weights=" not in page.url
    assert not (files / "mark").exists()
    page.keyboard.press("Escape")
    expect(body).to_be_hidden()
    assert shown.trace == before
    assert shown.answers()
    # The next file is as welcome as the first.
    expect(bring(page, files / "fruit.pth").get_by_text("This is ResNet-20 with 3 classes")).to_be_visible()
    expect(body.get_by_text(said)).to_have_count(0)


def test_a_wrong_architecture_is_named_with_the_right_one_to_press(app_server, open_page, files):
    page = open_page(app_server("?model=tiny_vgg"))
    shown = NetworkPage(page).ready("tiny_vgg")
    body = bring(page, files / "squeeze.pth")
    expect(body.get_by_text("This is SqueezeNet 1.1 with 2 classes: all tensors fit.")).to_be_visible()
    choice = body.get_by_role("combobox", name="Architecture")
    choice.click()
    page.keyboard.type("ResNet18")
    page.get_by_role("option", name="ResNet18", exact=True).first.click()
    body.get_by_role("button", name="Open as ResNet18").click()
    expect(body.get_by_text("squeeze.pth do not fit this network")).to_be_visible()
    expect(body.get_by_text("they are weights of squeezenet1")).to_be_visible()
    assert shown.trace.startswith("tiny_vgg")
    body.get_by_role("button", name="Open as SqueezeNet 1.1").click()
    shown.ready("squeezenet1_1/file-")
    assert set(shown.answers()) == {"class 0", "class 1"}


def test_a_changed_network_is_told_apart(app_server, open_page, files):
    page = open_page(app_server("?model=tiny_vgg&lang=en"))
    NetworkPage(page).ready("tiny_vgg")
    body = bring(page, files / "changed.pth")
    expect(body.get_by_text(re.compile(r"most like ResNet-20: 9\d% of the tensors fit"))).to_be_visible()
    body.get_by_role("button", name="Open as ResNet-20").click()
    expect(body.get_by_text("conv1.weight: 16×3×5×5 instead of 16×3×3×3")).to_be_visible()


def test_a_whole_network_opens_under_its_own_names(app_server, open_page, files):
    page = open_page(app_server("?model=resnet20"))
    shown = NetworkPage(page).ready("resnet20")
    body = bring(page, files / "whole.pt2")
    expect(body.get_by_text("A whole network saved with torch.export")).to_be_visible()
    body.get_by_role("textbox", name="Class names").fill('["north", "east", "south", "west"]')
    body.get_by_role("textbox", name="Class names").blur()
    body.get_by_role("button", name="Open as whole.pt2").click()
    shown.ready("program/file-")
    assert set(shown.answers()) == {"north", "east", "south", "west"}
    assert "conv_1_1" in " ".join(shown.tour(4))


def test_weights_that_are_gone_are_said_and_the_page_works(app_server, open_page):
    for model in ("tiny_vgg", "program"):
        page = open_page(app_server(f"?model={model}&weights=file-{'0' * 32}"))
        expect(page.get_by_text("The weights of this link are no longer here")).to_be_visible()
        NetworkPage(page).ready("tiny_vgg/default")
    page = open_page(app_server("?model=tiny_vgg&weights=/etc/passwd.pth"))  # a link names no file
    NetworkPage(page).ready("tiny_vgg/default")


def test_the_panel_in_japanese_on_a_small_dark_screen(app_server, open_page, files):
    page = open_page(app_server("?model=tiny_vgg&lang=ja"), width=420, theme="dark")
    NetworkPage(page).ready("tiny_vgg")
    body = panel(page, "自分の重み")
    body.locator("input[type=file]").first.set_input_files(files / "hostile.pth")
    expect(body.get_by_role("alert")).to_contain_text("hostile.pth")
    body.locator("input[type=file]").first.set_input_files(files / "fruit.pth")
    expect(body.get_by_text("3 クラスの ResNet-20 です")).to_be_visible()
    box = body.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
