"""The Network page with a small network: from the photo down to one number and back."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from e2e.network_page import NetworkPage, best, plain, run_code, traced, until
from playwright.sync_api import expect

from explainer.tracing import maps

pytestmark = pytest.mark.e2e

COFFEE = "?model=tiny_vgg&image=coffee"


@pytest.fixture
def network(app_server, open_page):
    """Open a place on the page: ``network("?model=tiny_vgg", width=420)``."""
    return lambda query="", **options: NetworkPage(open_page(app_server(query), **options)).ready()


@pytest.fixture(scope="module")
def coffee():
    return traced("tiny_vgg", "coffee")


def frames_sent(page) -> list:
    """Return a list that grows with every message that the page sends to the server, as bytes."""
    sent: list = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(bytes(data))))
    return sent


def until_quiet(page, sent: list, silence: int = 1_000) -> None:
    """Wait until the page has nothing to tell the server: answered, and silent for some milliseconds."""
    before = -1
    while before != len(sent):
        before = len(sent)
        page.wait_for_timeout(silence)
        expect(page.get_by_test_id("stStatusWidget")).to_be_hidden()


def test_down_by_keyboard_and_back(network, coffee):
    it = network(COFFEE)
    keys = it.page.keyboard
    assert it.prediction() == best(coffee, "tiny_vgg")
    *said, answer = it.tour(len(coffee.nodes) - 1)
    for node, text in zip(coffee.nodes, said, strict=False):
        assert text.startswith(f"{node.name}, output")
    assert answer.startswith("class ")
    it.press("Home")
    it.walk_to("conv_1_2")
    keys.press("Enter")
    it.goes_to("conv_1_2")
    expect(it.panel).to_contain_text("10×60×60")
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        keys.press(key)
    expect(it.panel.locator(".cs-layer-status")).to_contain_text("channel 3")
    keys.press("Enter")
    it.goes_to("conv_1_2/3")
    it.number()
    y, x = it.pixel()
    plane = maps(coffee["conv_1_2"])[3].abs()
    assert plane[y, x] == plane.max(), "a channel opens where it is strongest"

    keys.press("ArrowLeft" if x else "ArrowRight")
    x += -1 if x else 1
    it.agrees_with(coffee, "conv_1_2", 3, y, x)
    it.goes_to(f"conv_1_2/3/{y},{x}")
    for key, dy, dx in (("ArrowUp", -1, 0), ("Shift+ArrowDown", 10, 0), ("ArrowRight", 0, 1)):
        keys.press(key)
        y, x = min(max(y + dy, 0), 59), min(max(x + dx, 0), 59)
        it.agrees_with(coffee, "conv_1_2", 3, y, x)
    keys.press("]")
    it.agrees_with(coffee, "conv_1_2", 4, y, x)
    expect(it.trail).to_contain_text(re.compile(rf"network.*conv_1_2.*channel 4.*pixel \({y}, {x}\)", re.S))

    for place in ("conv_1_2/4", "conv_1_2", ""):
        keys.press("Escape")
        it.goes_to(place)
    expect(it.panel).to_be_hidden()
    expect(it.map).to_be_focused()


def test_down_by_mouse_and_up_the_breadcrumb(network, coffee):
    it = network(COFFEE)
    mouse = it.page.mouse
    x, y = it.find("conv_2_1 · channel")
    tip = it.frame.locator(".nm-tip").inner_text()
    channel = int(re.search(r"channel (\d+)", tip)[1])
    row, column = map(int, re.search(r"\((\d+), (\d+)\)", tip).groups())
    shown = plain(tip.splitlines()[2])
    assert shown == pytest.approx(maps(coffee["conv_2_1"])[channel, row, column].item(), rel=1e-4, abs=1e-5)

    mouse.click(x, y)
    it.goes_to(f"conv_2_1/{channel}")
    stage = it.panel.locator(".cs-channel-stage canvas[role=img]")
    it.number()
    # The output map is the rightmost thing in the picture: point at it, and click.
    box = stage.bounding_box()
    before = it.pixel()
    for down in range(20, int(box["height"]), 12):
        mouse.move(box["x"] + box["width"] - 60, box["y"] + down)
        it.page.wait_for_timeout(30)
        if it.pixel() != before:
            break
    row, column = it.pixel()
    assert (row, column) != before, "pointing at the output moves the pixel"
    it.agrees_with(coffee, "conv_2_1", channel, row, column)
    mouse.click(box["x"] + box["width"] - 60, box["y"] + down)
    it.goes_to(f"conv_2_1/{channel}/{row},{column}")

    it.trail.get_by_role("button", name="conv_2_1").click()
    it.goes_to("conv_2_1")
    cells = it.panel.locator(".cs-layer-canvas")
    cells.click(position={"x": 30, "y": 30})
    it.goes_to("conv_2_1/0")
    it.panel.get_by_role("button", name="Next channel").click()
    it.goes_to("conv_2_1/1")
    it.trail.get_by_role("button", name="network").click()
    it.goes_to("")
    expect(it.panel).to_be_hidden()


@pytest.mark.parametrize(
    "place",
    [
        "relu_1_1/2/30,31",
        "max_pool_1/4/10,11",
        "conv_2_2/9/0,25",
        "output/6/0,0",
        "softmax/6/0,0",
        "input/1/5,6",
    ],
)
def test_every_kind_of_number_is_the_tensors(place, network, coffee):
    it = network(f"{COFFEE}&at={place}")
    name, channel, pixel = place.split("/")
    y, x = map(int, pixel.split(","))
    if name == "input":
        expect(it.card).to_contain_text(f"pixel ({y}, {x})")
        shown = it.card.locator(".cs-card-sum strong")
        expect(shown).to_be_visible()
        assert plain(shown.inner_text()) == pytest.approx(maps(coffee["input"])[1, 5, 6].item(), abs=1e-6)
        return
    it.agrees_with(coffee, name, int(channel), y, x)


def test_a_deep_link_in_japanese_on_a_fresh_server(fresh_app, open_page, coffee):
    link = "?model=tiny_vgg&image=coffee&at=conv_1_2/3/20,30&lang=ja&scale=channel"
    it = NetworkPage(open_page(fresh_app(link))).ready("tiny_vgg")
    expect(it.panel).to_be_visible()
    expect(it.panel).to_contain_text("conv_1_2")
    expect(it.card.locator("h3")).to_contain_text("(20, 30)")
    shown = it.card.locator(".cs-card-sum strong")
    assert plain(shown.inner_text()) == pytest.approx(maps(coffee["conv_1_2"])[3, 20, 30].item(), rel=2e-5)
    expect(it.page.get_by_role("heading", level=1)).to_contain_text("ネットワーク")
    expect(it.frame.locator('.cs-scale [aria-checked="true"]')).to_have_attribute(
        "data-name", "scale-channel"
    )
    assert re.search("[ぁ-んァ-ヶ一-龠]", it.card.inner_text())
    for part in (".cs-trail", ".cs-scale", ".cs-actions", ".cs-card-sum", ".cs-card h3", ".cs-tools"):
        words = it.frame.locator(part).first.inner_text()
        assert not set(re.findall("[A-Za-z]{3,}", words)) - {"conv", "npy", "PyTorch"}, words
    for part in ("model=tiny_vgg", "image=coffee", "lang=ja", "scale=channel", "at=conv_1_2"):
        assert part in it.page.url


def test_the_language_changes_and_the_place_stays(network, coffee):
    it = network(f"{COFFEE}&at=conv_1_2/3/20,30")
    value = it.number(20, 30)
    it.page.get_by_role("radio", name="日本語").click()
    expect(it.frame.get_by_role("radiogroup", name="色の尺度")).to_be_visible()
    expect(it.card).to_contain_text("(20, 30)")
    assert plain(it.card.locator(".cs-card-sum strong").inner_text()) == value
    it.goes_to("conv_1_2/3/20,30")
    it.page.get_by_role("radio", name="English").click()
    expect(it.frame.get_by_role("radiogroup", name="Colour scale")).to_be_visible()
    it.agrees_with(coffee, "conv_1_2", 3, 20, 30)


def held_back(page) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what holds the server's messages back from the page, and what lets them through one by one."""
    waiting: list | None = None
    sockets: list = []

    def join(socket) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(
            lambda message: socket.send(message) if waiting is None else waiting.append(message)
        )

    def hold() -> None:
        nonlocal waiting
        waiting = []

    def release() -> None:
        nonlocal waiting
        assert waiting, "nothing had been held back"
        late, waiting = waiting, None
        for message in late:
            sockets[-1].send(message)
            page.wait_for_timeout(20)  # so that the page draws each, as it would with a slow line

    page.route_web_socket(re.compile("/_stcore/stream"), join)
    return hold, release


NOTE_THE_TITLES = """() => {
  const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".cs-card"));
  const titles = (window.titles = []);
  const note = () => {
    const word = host.shadowRoot.querySelector(".cs-card h3")?.textContent.split(" ")[0];
    if (word && titles.at(-1) !== word) titles.push(word);
    requestAnimationFrame(note);
  };
  note();
}"""


def test_a_question_that_left_before_the_switch_arrived_does_not_bring_the_old_language_back(
    app_server, open_page
):
    page = open_page("about:blank")
    sent = frames_sent(page)
    hold, release = held_back(page)
    page.goto(app_server("?model=resnet20&image=coffee&at=layer2.0.conv1/3/7,7&lang=ja"))
    it = NetworkPage(page)
    expect(it.card.locator("h3")).to_have_text("画素 (7, 7)")
    expect(it.card.locator(".cs-pending")).to_be_hidden()
    until_quiet(page, sent)
    page.evaluate(NOTE_THE_TITLES)
    hold()
    page.get_by_role("radio", name="English").click()
    it.panel.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1_000)
    release()
    it.number(7, 8)
    until_quiet(page, sent)
    assert page.evaluate("window.titles") == ["画素", "pixel"]
    expect(page).to_have_url(re.compile("lang=en"))


def middle(element) -> tuple[float, float]:
    """Where to click on it with no look at it before, which takes time."""
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_elsewhere_right_after_a_step_keeps_the_step(network):
    it = network(f"{COFFEE}&at=conv_1_2/3/20,30")
    it.number(20, 30)
    english, japanese = (it.page.get_by_role("radio", name=name) for name in ("English", "日本語"))
    for column, language, words in ((31, japanese, "色の尺度"), (32, english, "Colour scale")):
        it.panel.focus()
        spot = middle(language)
        it.page.keyboard.press("ArrowRight")
        it.page.mouse.click(*spot)
        expect(it.frame.get_by_role("radiogroup", name=words)).to_be_visible()
        it.goes_to(f"conv_1_2/3/20,{column}")
        expect(it.card).to_contain_text(f"(20, {column})")
    it.frame.locator(".cs-scale").get_by_role("radio", name="channel", exact=True).click()
    japanese.click()
    expect(it.frame.get_by_role("radiogroup", name="色の尺度")).to_be_visible()
    expect(it.page).to_have_url(re.compile("scale=channel"))
    it.goes_to("conv_1_2/3/20,32")


def test_a_link_right_after_a_step_leads_on_from_the_step(network):
    it = network(f"{COFFEE}&at=conv_1_2/3/20,30")
    it.number(20, 30)
    it.panel.focus()
    spot = middle(it.page.locator(".st-key-navigation").get_by_role("link", name="Layers"))
    it.page.keyboard.press("ArrowRight")
    it.page.mouse.click(*spot)
    expect(it.page.locator(".cw-readout")).to_contain_text("(20, 31)")
    it.goes_to("conv_1_2/3/20,31")


def test_colours_sums_and_hovering_ask_the_server_nothing(app_server, open_page, coffee):
    page = open_page()
    sent = frames_sent(page)
    page.goto(app_server(f"{COFFEE}&at=conv_1_2/3/20,30"))
    it = NetworkPage(page).ready()
    it.number(20, 30)
    until_quiet(page, sent)
    assert sent
    before, pictures = len(sent), set()
    for mode in ("channel", "network", "layer"):
        it.frame.locator(".cs-scale").get_by_role("radio", name=mode).click()
        page.wait_for_timeout(150)
        pictures.add(it.panel.locator(".cs-channel-stage canvas[role=img]").screenshot())
        assert ("scale=" in page.url) == (mode != "layer")
    assert len(pictures) == 3, "each scale has its colours"
    assert len(sent) == before
    it.panel.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    it.agrees_with(coffee, "conv_1_2", 3, 20, 35)
    until_quiet(page, sent)
    told = b"".join(sent[before:])
    assert b'"reading"' in told, "what the pixel sees of the image needs gradients"
    assert b'"values"' not in told, "the numbers of its sum do not"
    assert b'"arithmetic"' not in told
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(it.panel).to_be_hidden()
    until_quiet(page, sent)  # the server is told where the reader is now
    before = len(sent)
    it.find("conv_1_1 · channel")
    page.wait_for_timeout(600)
    assert len(sent) == before


def test_dark_and_light(network):
    def brightness() -> float:
        from io import BytesIO

        from PIL import Image

        return float(np.asarray(Image.open(BytesIO(it.map.screenshot())).convert("L")).mean())

    it = network(COFFEE, theme="dark")
    expect(it.frame).to_have_class(re.compile("cs-dark"))
    assert brightness() < 90
    it.page.emulate_media(color_scheme="light")
    expect(it.frame).not_to_have_class(re.compile("cs-dark"))
    assert until(brightness, lambda found: found > 200) > 200


@pytest.mark.parametrize("place", ["conv_2_1/3/5,6", "softmax/6/0,0"])
def test_the_code_prints_the_number_on_the_screen(place, network):
    it = network(f"{COFFEE}&at={place}")
    shown = it.digits()
    printed, expression = run_code(it.code())
    assert np.float32(printed) == np.float32(shown)
    assert expression


def test_numbers_and_picture_are_saved(network, coffee, tmp_path):
    it = network(f"{COFFEE}&at=relu_2_2")
    for name in ("Save numbers (.npy)", "Save picture"):
        with it.page.expect_download() as download:
            it.frame.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    assert np.array_equal(np.load(tmp_path / "relu_2_2.npy"), coffee["relu_2_2"].output)
    (picture,) = tmp_path.glob("*.png")
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 5_000


def test_a_narrow_screen(network, coffee):
    it = network(COFFEE, width=420, height=860)
    narrow = "document.documentElement.scrollWidth <= innerWidth"
    assert it.page.evaluate(narrow)
    it.press("Home")
    it.walk_to("conv_1_2")
    it.page.keyboard.press("Enter")
    it.goes_to("conv_1_2")
    it.panel.locator(".cs-layer-canvas").click(position={"x": 30, "y": 30})
    it.goes_to("conv_1_2/0")
    it.number()
    it.page.keyboard.press("ArrowUp")
    it.page.keyboard.press("ArrowLeft")
    y, x = it.pixel()
    it.agrees_with(coffee, "conv_1_2", 0, y, x)
    verdict = it.card.locator(".cs-verdict")
    verdict.scroll_into_view_if_needed()
    expect(verdict).to_be_in_viewport()
    box = it.panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
    assert it.page.evaluate(narrow)
    it.page.keyboard.press("Escape")
    it.goes_to("conv_1_2/0")
