"""Every part of the teaching pages, from the gesture to the answer on the screen, beside an empty fragment.

The peer is the least that Streamlit can do: one slider, one component that is sent a few bytes, one line of
code. Each gesture takes turns with it on the same machine, so that the ratio holds on a busy one, too. What
the browser answers by itself is measured beside the same floor.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.browser import SCRIPT
from benchmarks.measure import Result
from scripts.driver import ROOT, App, launch, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

BAR = 3.2
"""The floor takes 62 ms on two quiet cores: so many of it are the 200 ms that a reader may wait."""
ROUNDS = 6
WARM_UP = 2
CODE = "[data-testid=stCode]"
"""The program shown below every part has the numbers of its settings, and is what the server sends last."""

FLOOR = """
import streamlit as st

VIEW = st.components.v2.component("floor", html="<p></p>", js=\"\"\"
export default ({ data, parentElement }) => {
  parentElement.querySelector("p").textContent = data.length;
};
\"\"\")

@st.fragment
def draw():
    number = st.slider("Number", 0, 1000)
    VIEW(data=bytes(100 + number), key="view")
    with st.expander("Code"):
        st.code(f"print({number})")

draw()
"""


@dataclass(frozen=True)
class Gesture:
    """What a reader does in one part, and where the answer shows."""

    part: str
    """Page and part: ``playground/conv``."""
    name: str
    target: Callable[[Page], Locator]
    key: str = "ArrowRight"
    """Pressed on the target; empty for a click. Two keys with a space between them take turns."""
    sign: str = CODE
    """Selector of what is different once the answer stands on the screen."""
    before: str = ""
    """Keys pressed first, in turns, outside of what is measured."""

    @property
    def event(self) -> str:
        return "keydown" if self.key else "click"


def role(kind: str, name: str | re.Pattern[str]) -> Callable[[Page], Locator]:
    """Find an element by its role and name."""
    return lambda page: page.get_by_role(kind, name=name, exact=True).first


def at(selector: str, nth: int = 0) -> Callable[[Page], Locator]:
    """Find an element by a selector."""
    return lambda page: page.locator(selector).nth(nth)


def slider(name: str) -> Callable[[Page], Locator]:
    """Find one of Streamlit's sliders, whose names stand twice."""
    return at(f"[data-testid=stSlider] input[aria-label='{name}']")


_THERE_AND_BACK = "ArrowRight ArrowLeft"
_BELOW_AND_ABOVE = "ArrowDown ArrowUp"
_CELLS = at(".cl-field canvas")
_RATE = re.compile("^learning rate")

GESTURES = (
    Gesture("playground/pixels", "another pixel", at(".px-stage"), sign=".px-table"),
    Gesture("playground/pixels", "another photo", at(".gallery [role=radio][aria-checked=false]"), ""),
    Gesture("playground/line", "a number", role("textbox", "x[0]"), "ArrowUp", ".lv-output"),
    Gesture("playground/line", "a number, its code", role("textbox", "x[0]"), "ArrowUp"),
    Gesture("playground/conv", "a painted cell", _CELLS, "7 3 5", ".cl-reading", _BELOW_AND_ABOVE),
    Gesture("playground/conv", "a painted cell, its code", _CELLS, "8 4 6", CODE, _BELOW_AND_ABOVE),
    Gesture("playground/conv", "stride", slider("Stride"), _THERE_AND_BACK),
    Gesture("playground/conv", "kernel size", slider("Kernel"), _THERE_AND_BACK),
    Gesture("playground/pooling", "size", slider("Size"), _THERE_AND_BACK),
    Gesture("playground/stack", "kernel size", slider("Size"), _THERE_AND_BACK),
    Gesture("foundations/perceptron", "learning rate", slider("Learning rate η"), "ArrowLeft ArrowRight"),
    Gesture("foundations/activations", "place", role("slider", "x"), sign=".cv-at"),
    Gesture("foundations/activations", "layers", slider("Layers")),
    Gesture("foundations/losses", "start", slider("Gradient descent from")),
    Gesture("foundations/losses", "a score", role("slider", "score of B"), "ArrowUp"),
    Gesture("foundations/descent", "learning rate", role("slider", _RATE), _THERE_AND_BACK),
    Gesture("foundations/backprop", "a value", role("slider", "x"), sign=".gv-card"),
    Gesture("foundations/backprop", "a value, its code", role("slider", "x")),
    Gesture("foundations/mlp", "one step", role("button", "One step"), "", ".lv-count"),
    Gesture("foundations/mlp", "learning rate", slider("Learning rate"), _THERE_AND_BACK),
    Gesture("foundations/approximation", "hidden units", slider("Hidden units")),
    Gesture("foundations/approximation", "layers", slider("Hidden layers of two units"), _THERE_AND_BACK),
    Gesture("foundations/shifted", "a move", at(".sv-stage"), _THERE_AND_BACK, ".sv-card"),
    Gesture("foundations/shifted", "handwriting", at("input[type=number]"), "ArrowUp"),
    Gesture("architectures/table", "order", at("[data-focus^=sort-]", 2), "", ".ab-name"),
    Gesture("architectures/shapes", "input size", at("input[type=number]"), "ArrowUp"),
    Gesture("architectures/blocks", "skip connection", role("switch", "Skip connection"), "Space"),
    Gesture("architectures/flow", "number of the batch", slider("Number of the batch")),
    Gesture("architectures/flow", "batch norm", role("switch", "Batch norm"), "Space"),
)


def run() -> Iterator[Result]:
    """Measure on one server for the app and one for the floor; yields one result a gesture."""
    folder = Path(tempfile.mkdtemp())
    (folder / "floor.py").write_text(FLOOR, "utf-8")
    with (
        serving(ROOT / "app.py", folder / "app.txt") as app,
        serving(folder / "floor.py", folder / "floor.txt") as bare,
        launch() as browser,
    ):
        floor = Visit(browser, bare, "")
        visit = None
        address = ""
        for gesture in GESTURES:
            page, part = gesture.part.split("/")
            wanted = f"{page}?part={part}&lang=en"
            if visit is None or wanted != address:
                if visit is not None:
                    visit.page.context.close()
                visit, address = Visit(browser, app, wanted), wanted
            yield _measured(gesture, visit, floor)


class Visit:
    """A tab with one part of the app."""

    def __init__(self, browser: Browser, app: App, address: str) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(SCRIPT)
        self.app = app
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.received = 0
        """Bytes over the websocket so far."""
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))
        self.page.goto(app(address))

    def _count(self, payload: bytes | str) -> None:
        self.received += len(payload)

    def rest(self) -> None:
        """Wait until nothing has come from the server for a while."""
        before = -1
        while before != self.received:
            before = self.received
            self.page.wait_for_timeout(300)

    def timed(self, gesture: Gesture, turn: int) -> Time:
        """Make the gesture; what it took until its answer was painted, and until the server had finished."""
        target = gesture.target(self.page)
        keys = gesture.key.split()
        if keys:
            target.focus()
        if gesture.before:
            before = gesture.before.split()
            self.page.keyboard.press(before[turn % len(before)])
        self.rest()
        arm = "([kind, selector]) => bench.arm(kind, 'changed', [selector, bench.words(selector)])"
        sent, spent = self.received, self.app.cpu()
        self.page.evaluate(arm, [gesture.event, gesture.sign])
        if keys:
            self.page.keyboard.press(keys[turn % len(keys)])
        else:
            target.click()
        painted = self.page.evaluate("bench.result()")["painted"] / 1e3
        self.rest()
        return Time(painted, self.app.cpu() - spent, self.received - sent)


@dataclass(frozen=True)
class Time:
    """What one gesture took."""

    painted: float
    """Seconds from the event until the answer stood on the screen."""
    cpu: float
    """Seconds of the server's processor."""
    received: int
    """Bytes from the server."""


_NUMBER = Gesture("", "floor", slider("Number"))


def _measured(gesture: Gesture, visit: Visit, floor: Visit) -> Result:
    gesture.target(visit.page).wait_for(state="attached")
    visit.page.locator(gesture.sign).first.wait_for(state="attached")
    ours, bare = [], []
    for turn in range(WARM_UP + ROUNDS):
        ours.append(visit.timed(gesture, turn))
        bare.append(floor.timed(_NUMBER, turn))
    ours, bare = ours[WARM_UP:], bare[WARM_UP:]
    ratio = median(a.painted / b.painted for a, b in zip(ours, bare, strict=True))
    detail = (
        f"{_ms(one.painted for one in ours)} against {_ms(one.painted for one in bare)}; server "
        f"{_ms(one.cpu for one in ours)} against {_ms(one.cpu for one in bare)}, "
        f"{median(one.received for one in ours) / 1e3:.1f} kB"
    )
    return Result(f"{gesture.part}: {gesture.name}", ratio, BAR, detail)


def _ms(seconds: Iterable[float]) -> str:
    return f"{median(seconds) * 1e3:.0f} ms"
