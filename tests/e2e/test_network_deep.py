"""A deep network on the Network page, on a machine without the internet."""

import re

import numpy as np
import pytest
from e2e.network_page import NetworkPage, run_code, traced, until
from playwright.sync_api import expect

from explainer.tracing import maps
from scripts.driver import ROOT, serving

pytestmark = pytest.mark.e2e

CAT = "?model=resnet50&image=chelsea"


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """The app where nothing can be downloaded and nothing has been."""
    folder = tmp_path_factory.mktemp("offline")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(folder / "torch"))
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, "http://127.0.0.1:9")
        with serving(ROOT / "app.py", folder / "log.txt") as app:
            yield app


@pytest.fixture(scope="module")
def cat():
    return traced("resnet50", "chelsea", "none")


def test_without_weights_the_reader_is_told_and_may_go_on(offline, open_page):
    page = open_page(offline(CAT))
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("could not be downloaded", timeout=60_000)
    expect(warning).to_contain_text("resnet50-11ad3fa6.pth")
    expect(page.locator(".cs-frame")).to_have_count(0)
    page.get_by_role("button", name="Open it with random weights").click()
    NetworkPage(page).ready("resnet50/none")
    expect(page).to_have_url(re.compile("weights=none"))
    expect(page.get_by_text("these weights are random")).to_be_visible()
    expect(page.get_by_role("button", name="Open it with random weights")).to_have_count(0)


def test_folds_open_by_keyboard_and_every_operation_can_be_reached(offline, open_page, cat):
    it = NetworkPage(open_page(offline(f"{CAT}&weights=none"))).ready("resnet50")
    stages = ("stem", "layer1", "layer2", "layer3", "layer4", "head")
    _, *said, answer = it.tour(7)
    for stage, text in zip(stages, said, strict=True):
        assert text.startswith(f"{stage}, folded")
    assert answer.startswith("class ")

    it.press("Home")
    it.walk_to("layer2, folded", most=4)
    it.press(" ")
    # Unfolded in place: its blocks stand where it was, between its neighbours.
    names = until(lambda: [text.split(",")[0] for text in it.tour(9)], lambda names: "layer2.0" in names)
    at = names.index("layer1")
    assert names[at + 1 : at + 5] == [f"layer2.{block}" for block in range(4)], names
    assert names[at + 5] == "layer3"

    for block in ("layer2.0", "layer2.0.downsample"):
        it.press("Home")
        it.walk_to(f"{block}, folded", most=25)
        it.press(" ")
    inside = {node.name for node in cat.nodes if node.name.startswith("layer2.0.")}
    names = until(lambda: {text.split(",")[0] for text in it.tour(18)}, lambda names: inside <= names)
    assert inside <= names, inside - names
    assert len(inside) == 12


def test_a_wide_layer_is_sorted_and_its_numbers_add_up(offline, open_page, cat):
    node = cat["layer4.2.relu:3"]
    assert node.shape[1] == 2048
    it = NetworkPage(open_page(offline(f"{CAT}&weights=none&at=layer4.2.relu:3"))).ready("resnet50")
    page, keys = it.page, it.page.keyboard
    expect(it.panel).to_contain_text("2048×7×7")
    cells = it.panel.locator(".cs-layer-canvas")
    expect(cells).to_have_attribute("aria-label", "2048 channels of layer4.2.relu:3")
    status = it.panel.locator(".cs-layer-status")

    means = maps(node).mean((1, 2))
    it.panel.get_by_role("radio", name="by mean").click()
    keys.press("Home")
    expect(status).to_contain_text(f"channel {int(means.argmax())}")
    keys.press("End")
    expect(status).to_contain_text(f"channel {int(means.argsort(descending=True, stable=True)[-1])}")

    it.panel.get_by_role("radio", name="by contribution").click()
    expect(it.panel.get_by_text("working out the contributions")).to_be_hidden()
    best = int(cat["softmax"].output.argmax())
    # Behind this layer there are only an average and a dense layer: a channel adds its mean times its weight.
    shares = means * cat["fc"].arguments["weight"][best]
    it.panel.focus()
    keys.press("Home")
    strongest = int(shares.argmax())
    expect(status).to_contain_text(f"channel {strongest}")
    told = re.search(r"contribution to .* ([+−][\d.e−]+)", status.inner_text())[1]
    assert float(told.replace("−", "-")) == pytest.approx(float(shares[strongest]), rel=1e-3)

    keys.press("Enter")
    it.goes_to(f"layer4.2.relu:3/{strongest}")
    it.number()
    keys.press("ArrowUp")
    keys.press("ArrowLeft")
    y, x = it.pixel()
    it.agrees_with(cat, "layer4.2.relu:3", strongest, y, x)
    it.goes_to(f"layer4.2.relu:3/{strongest}/{y},{x}")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    it.goes_to("layer4.2.relu:3")


def test_a_number_is_followed_through_the_network(offline, open_page, cat):
    it = NetworkPage(open_page(offline(f"{CAT}&weights=none&at=conv1/7/54,60"))).ready("resnet50")
    it.agrees_with(cat, "conv1", 7, 54, 60)
    onward = it.card.get_by_role("navigation", name="Where this number goes").get_by_role("button").first
    for name, place in (("bn1", (7, 54, 60)), ("relu", (7, 54, 60)), ("maxpool", (7, 27, 30))):
        onward.click()
        it.goes_to(f"{name}/{place[0]}/{place[1]},{place[2]}")
        it.agrees_with(cat, name, *place)


@pytest.mark.parametrize(
    "place", ["layer2.0.downsample.0/100/27,0", "layer4.2.conv1/400/3,3", "avgpool/1000/0,0", "fc/713/0,0"]
)
def test_numbers_of_a_deep_network_are_the_tensors(place, offline, open_page, cat):
    it = NetworkPage(open_page(offline(f"{CAT}&weights=none&at={place}"))).ready("resnet50")
    name, channel, pixel = place.split("/")
    y, x = map(int, pixel.split(","))
    it.agrees_with(cat, name, int(channel), y, x)
    if name == "layer4.2.conv1":
        it.page.keyboard.press("ArrowLeft")
        it.agrees_with(cat, name, int(channel), y, x - 1)
        shown = it.digits()
        printed, _ = run_code(it.code())
        assert np.float32(printed) == np.float32(shown)
