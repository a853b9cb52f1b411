"""The running app in Chromium, from the click to the painted picture, with the default image size 1440 x 900.

CNN Explainer cannot be run from here: its figures are those recorded on a machine of this kind, two cores
without a GPU, in the same browser (tf.js on its CPU backend, the fastest there).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import Result
from scripts.driver import ROOT, App, launch, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCRIPT = Path(__file__).with_name("page.js").read_text("utf-8")
CNN_EXPLAINER = {"image": 1.013, "hover": 0.042, "channel": 0.306}
"""Seconds: sample to 103 maps repainted, hover to edges drawn, click to intermediate view."""
FRAME = 0.016
FORWARD_AND = 0.4
OPENING = 0.3
OVERVIEW_BYTES, LAYER_BYTES = 1_500_000, 2_000_000
IMAGES = 9
UNFOLDED = ("stem", "layer1", "layer1.0", "layer4", "layer4.0")
OPENED = ("conv1", "bn1", "relu", "maxpool", "layer1.0.", "layer4.0.")
"""Layers of ResNet-50 that are opened one by one: the largest maps and the most channels."""

ONE_FORWARD = """
import sys, time, torch
from explainer.models import load_model
from explainer.samples import sample
from explainer.ui.opened import threads
torch.set_num_threads(threads())
network = load_model("resnet50", "none")
image = network.preprocessing.apply(sample("coffee").load())
for _ in sys.stdin:
    start = time.perf_counter()
    with torch.no_grad():
        network.model(image)
    print(time.perf_counter() - start, flush=True)
"""


def run() -> Iterator[Result]:
    """Measure on one server; yields one result after the other."""
    log = Path(tempfile.mkdtemp()) / "log.txt"
    with serving(ROOT / "app.py", log) as app, launch() as browser:
        yield from _tiny(Visit(browser, app, "?model=tiny_vgg"))
        yield from _resnet(Visit(browser, app, "?model=resnet50&weights=none"))


@dataclass
class Visit:
    """A tab with the app, the map painted."""

    browser: Browser
    app: App
    query: str
    page: Page = field(init=False)
    received: int = 0
    """Bytes over the websocket so far."""

    def __post_init__(self) -> None:
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(SCRIPT)
        self.page = context.new_page()
        self.page.set_default_timeout(120_000)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))
        self.page.goto(self.app(self.query))
        self.page.evaluate("bench.until('painted')")
        self.rest()

    def _count(self, payload: bytes | str) -> None:
        self.received += len(payload)

    def rest(self) -> None:
        """Wait until nothing has come from the server for a while."""
        before = -1
        while before != self.received:
            before = self.received
            self.page.wait_for_timeout(600)

    def timed(
        self, kind: str, act: Callable[[], None], condition: str, argument: str = ""
    ) -> tuple[float, float]:
        """Return seconds from an event that ``act`` causes to its result painted, and standing still."""
        arm = "([kind, name, argument]) => bench.arm(kind, name, argument)"
        self.page.evaluate(arm, [kind, condition, argument])
        act()
        found = self.page.evaluate("bench.result()")
        return found["painted"] / 1e3, found["still"] / 1e3

    def change_image(self, position: int) -> tuple[float, int]:
        """Seconds from the click on a sample until the whole map is painted, and bytes received for it."""
        before = self.page.evaluate("bench.map('.nm').dataset.painted")
        button = self.page.locator(".gallery [role=radio]").nth(position)
        button.scroll_into_view_if_needed()
        sent = self.received
        seconds, _ = self.timed("click", button.click, "painted", before)
        weight = self.received - sent
        self.rest()
        return seconds, weight

    def fit(self) -> None:
        """Bring the map back to where the whole of it is seen: an opened column is moved into sight."""
        self.page.evaluate("bench.map('.nm-zoom button:last-child').click()")
        self.rest()

    def close_panel(self) -> None:
        self.page.evaluate("bench.map('.cs-close').click()")
        self.page.evaluate("bench.until('closed')")


# --- tiny_vgg, against CNN Explainer ----------------------------------------------------------------------


def _tiny(visit: Visit) -> Iterator[Result]:
    times = [visit.change_image(position)[0] for position in range(1, IMAGES + 2)][1:]
    yield _against("change of image, tiny_vgg / CNN Explainer", times, CNN_EXPLAINER["image"], 0.33)

    visit.fit()
    places = _places(visit)
    scripts, tasks = _hover(visit, places)
    detail = f"{_ms(scripts)} script, {_ms(tasks)} of the main thread a move; CNN Explainer 42 ms (recorded)"
    yield Result("pointer move, tiny_vgg / one frame", median(scripts) / FRAME, 1.0, detail)

    opened, still = [], []
    for name in ("conv_1_2", "conv_2_1", "conv_2_2"):
        for x, y in places[name][:4]:
            click = partial(visit.page.mouse.click, x, y)
            painted, stands = visit.timed("pointerup", click, "convolution")
            opened.append(painted)
            still.append(stands)
            visit.close_panel()
            visit.fit()
    yield _against(
        "click on a channel, tiny_vgg / CNN Explainer", opened[1:], CNN_EXPLAINER["channel"], 0.65,
        f"; it has grown to its place after {_ms(still[1:])}",
    )  # fmt: skip


def _against(name: str, seconds: list[float], recorded: float, bar: float, more: str = "") -> Result:
    detail = f"{_ms(seconds)} against {recorded * 1e3:.0f} ms (recorded: not runnable here){more}"
    return Result(name, median(seconds) / recorded, bar, detail)


def _places(visit: Visit) -> dict[str, list[tuple[float, float]]]:
    """Where channels are on the screen, by layer, found by pointing as a reader does."""
    box = visit.page.locator(".nm-base").bounding_box()
    assert box is not None
    found: dict[str, list[tuple[float, float]]] = {}
    tip = "bench.map('.nm-tip:not([hidden])')?.firstChild?.textContent ?? ''"
    for x in range(int(box["x"]) + 10, int(box["x"] + box["width"]) - 10, 14):
        for part in (0.25, 0.4, 0.6, 0.75):
            y = box["y"] + part * box["height"]
            visit.page.mouse.move(x, y)
            text = visit.page.evaluate(tip)  # "conv_2_1 · channel 3"
            names = ("conv_1_2", "conv_2_1", "conv_2_2")
            name = next((name for name in names if name in text and "channel" in text), "")
            if name and all(abs(y - other) > 4 for _, other in found.get(name, [])):
                found.setdefault(name, []).append((x, y))
    return found


def _hover(visit: Visit, places: dict[str, list[tuple[float, float]]]) -> tuple[list[float], list[float]]:
    """Seconds of script, and of the main thread in all, for each of many moves from channel to channel."""
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("Performance.enable")

    def spent() -> dict[str, float]:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    scripts, tasks = [], []
    for _ in range(5):
        for stops in places.values():
            for x, y in stops:
                before = spent()
                visit.page.mouse.move(x, y)
                visit.page.evaluate("bench.twoFrames()")
                after = spent()
                scripts.append(after["ScriptDuration"] - before["ScriptDuration"])
                tasks.append(after["TaskDuration"] - before["TaskDuration"])
    return scripts, tasks


# --- resnet50 ---------------------------------------------------------------------------------------------


def _resnet(visit: Visit) -> Iterator[Result]:
    changes, forwards, weights = [], [], []
    with _forward() as forward:
        forward()
        visit.change_image(1)
        for position in range(2, 2 + IMAGES):
            seconds, weight = visit.change_image(position)
            changes.append(seconds)
            weights.append(weight)
            forwards.append(forward())
    allowed = median(forwards) + FORWARD_AND
    detail = f"{_ms(changes)} against a plain forward of {_ms(forwards)} + {FORWARD_AND * 1e3:.0f} ms"
    yield Result("change of image, resnet50 / allowed", median(changes) / allowed, 1.0, detail)
    yield _weight("change of image, resnet50 / bytes allowed", max(weights), OVERVIEW_BYTES)

    layers = _layers(visit)
    times = {name: median(seconds) for name, (seconds, _) in layers.items()}
    slowest = max(times, key=lambda name: times[name])
    detail = f"{_ms([times[slowest]])} ({slowest}), median of {len(times)} layers {_ms(list(times.values()))}"
    yield Result("opening the slowest layer, resnet50 / allowed", times[slowest] / OPENING, 1.0, detail)
    heaviest = max(layers, key=lambda name: layers[name][1])
    yield _weight(f"opening a layer ({heaviest}) / bytes allowed", layers[heaviest][1], LAYER_BYTES)


def _weight(name: str, weight: int, most: int) -> Result:
    return Result(name, weight / most, 1.0, f"{weight / 1e6:.2f} MB against {most / 1e6:.1f} MB")


def _layers(visit: Visit) -> dict[str, tuple[list[float], int]]:
    """Open layers of the unfolded modules with the keys, on three images: seconds, and bytes at most."""
    page = visit.page
    found: dict[str, tuple[list[float], int]] = {}
    said = "bench.map('.nm-live').textContent"
    for turn in range(4):
        if turn:
            visit.change_image(turn)  # the browser keeps opened layers until the image changes
        page.locator(".nm-base").focus()
        page.keyboard.press("Home")
        last = ""
        while (text := page.evaluate(said)) != last:
            last = text
            name = text.split(",")[0]
            if "Space unfolds" in text:
                if name in UNFOLDED:
                    page.keyboard.press("Space")
                    page.wait_for_timeout(600)
                    visit.rest()
                    page.keyboard.press("ArrowLeft")
            elif name.startswith(OPENED):
                before = visit.received
                seconds, _ = visit.timed("keydown", partial(page.keyboard.press, "Enter"), "layer", name)
                weight = visit.received - before
                visit.close_panel()
                page.wait_for_timeout(400)
                if turn:  # the first one warms up
                    known, heaviest = found.get(name, ([], 0))
                    found[name] = [*known, seconds], max(heaviest, weight)
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(80)
    return found


@contextmanager
def _forward() -> Iterator[Callable[[], float]]:
    """Seconds of a plain forward pass in a process of its own, with as many threads as the app uses."""
    child = subprocess.Popen(
        [sys.executable, "-c", ONE_FORWARD],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def once() -> float:
        child.stdin.write("\n")
        child.stdin.flush()
        return float(child.stdout.readline())

    try:
        yield once
    finally:
        child.stdin.close()
        child.wait()


def _ms(seconds: list[float]) -> str:
    """Median and least, in words."""
    if len(seconds) == 1:
        return f"{seconds[0] * 1e3:.0f} ms"
    return (
        f"{median(seconds) * 1e3:.{0 if median(seconds) > 0.02 else 1}f} ms (least {min(seconds) * 1e3:.0f})"
    )
