"""The Network page as its readers use it, and the numbers that PyTorch gives for what they see."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import torch
from PIL import Image
from playwright.sync_api import expect

from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import Trace, maps, trace, with_softmax
from scripts.driver import ROOT

expect.set_options(timeout=20_000)  # a busy machine


@cache
def _model(key: str, weights: str):
    torch.set_num_threads(1)
    return load_model(key, weights)


def traced(model: str, picture: str | Image.Image, weights: str = "default") -> Trace:
    """Return the forward pass, made here and not by the server."""
    loaded = _model(model, weights)
    image = sample(picture).load() if isinstance(picture, str) else picture
    recorded = trace(loaded.model, loaded.preprocessing.apply(image))
    return with_softmax(recorded, recorded.nodes[-1])


def best(recorded: Trace, model: str) -> str:
    """Return the name of the most likely class."""
    return _model(model, "default").classes[int(recorded["softmax"].output.argmax())]


def plain(text: str) -> float:
    """Read a number as it is written on the page."""
    return float(text.replace("−", "-").replace("+", ""))


Reading = TypeVar("Reading")


def until(read: Callable[[], Reading], right: Callable[[Reading], bool]) -> Reading:
    """Read again until it is right, as long as a busy machine may need; return the last reading."""
    end = time.monotonic() + 20
    while not right(found := read()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def run_code(code: str, folder=ROOT) -> list[str]:
    """Run code in a fresh interpreter and return the lines it prints."""
    environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()


class NetworkPage:
    """What a reader does on the page and reads from it; texts in English."""

    def __init__(self, page):
        self.page = page
        self.frame = page.locator(".cs-frame")
        self.map = self.frame.get_by_role("application")
        self.panel = self.frame.locator(".cs-panel")
        self.card = self.panel.locator(".cs-card")
        self.trail = self.frame.locator(".cs-trail")

    @property
    def trace(self) -> str:
        """Identity of the forward pass on the screen: network, weights, picture."""
        return self.frame.get_attribute("data-trace") or ""

    def ready(self, network: str = "") -> NetworkPage:
        """Wait for the map, of a certain network if one is named."""
        expect(self.frame).to_have_attribute("data-trace", re.compile(f"^{network}.+"), timeout=60_000)
        return self

    def goes_to(self, path: str) -> None:
        """Wait until the link holds this place; empty for the whole network."""
        place = re.escape(path.replace("/", "%2F").replace(",", "%2C").replace(":", "%3A"))
        expect(self.page).to_have_url(re.compile(rf"[?&]at={place}(&|$)" if path else r"^(?!.*[?&]at=)"))

    # --- the map ---

    def press(self, *keys: str) -> str:
        """Press keys on the map and return what a screen reader says after the last."""
        self.map.focus()
        for key in keys:
            self.page.keyboard.press(key)
        return self.frame.locator(".nm-live").inner_text()

    def tour(self, steps: int) -> list[str]:
        """Go along the map from its beginning and return what is said at each step."""
        said = [self.press("Home")]
        for _ in range(steps):
            self.page.keyboard.press("ArrowRight")
            said.append(self.frame.locator(".nm-live").inner_text())
        return said

    def walk_to(self, words: str, key: str = "ArrowRight", most: int = 60) -> str:
        """Press a key until the map says ``words``."""
        said = ""
        for _ in range(most):
            said = self.press(key)
            if words in said:
                return said
        raise AssertionError(f"the map never said {words!r}; last: {said!r}")

    def answers(self) -> dict[str, float]:
        """Return the classes on the map with their probabilities in per cent, read by keyboard."""
        found: dict[str, float] = {}
        said = self.press("Home", "End", "ArrowDown")
        while (name := said.removeprefix("class ").rpartition(": ")[0]) not in found:
            found[name] = plain(said.rpartition(": ")[2].rstrip("%").strip())
            said = self.press("ArrowDown")
        return found

    def prediction(self) -> str:
        """Return the most likely class as the map says it."""
        answers = self.answers()
        return max(answers, key=answers.__getitem__)

    def find(self, words: str, step: int = 14) -> tuple[float, float]:
        """Move the pointer over the map until the words beside it begin with ``words``; return where."""
        box = self.map.bounding_box()
        tip = self.frame.locator(".nm-tip")
        for row in range(int(box["height"] * 0.3), int(box["height"] * 0.8), 17):
            for column in range(step, int(box["width"]), step):
                x, y = box["x"] + column, box["y"] + row
                self.page.mouse.move(x, y)
                if tip.is_visible() and tip.inner_text().startswith(words):
                    return x, y
        raise AssertionError(f"nothing on the map is called {words!r}")

    # --- the panel ---

    def number(self, y: int | None = None, x: int | None = None) -> float:
        """Return the sum on the number card, of a certain pixel if one is named, once it is worked out."""
        if y is not None:
            expect(self.card.locator("h3")).to_have_text(f"pixel ({y}, {x})")
        expect(self.card.locator(".cs-card-sum")).to_be_visible()
        expect(self.card.locator(".cs-pending")).to_be_hidden()
        return plain(self.card.locator(".cs-card-sum strong").inner_text())

    def digits(self) -> float:
        """Return the tensor's value on the number card with all its digits."""
        self.number()
        more = self.card.get_by_role("button", name="all digits")
        if more.get_attribute("aria-pressed") == "false":
            more.click()
        return plain(self.card.locator(".cs-card-tensor").inner_text().removeprefix("tensor "))

    def code(self) -> str:
        """Open the code panel, read it and close it again."""
        self.frame.get_by_role("button", name="PyTorch code").click()
        dialog = self.frame.locator("dialog.cs-code")
        expect(dialog).to_be_visible()
        code = dialog.locator("code").inner_text()
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)
        return code

    def pixel(self) -> tuple[int, int]:
        """Return row and column on the number card."""
        y, x = re.search(r"(\d+), (\d+)", self.card.locator("h3").inner_text()).groups()
        return int(y), int(x)

    def agrees_with(self, recorded: Trace, name: str, channel: int, y: int, x: int) -> None:
        """The number, its sum and its verdict are those of a tensor of PyTorch's."""
        true = maps(recorded[name])[channel, y, x].item()
        # The panel shows seven digits, which name a float32 up to its rounding.
        shown = self.number(y, x) if maps(recorded[name])[0].numel() > 1 else self.number()
        assert abs(shown - true) <= 1e-6 + 2e-5 * abs(true), f"{name}/{channel}/{y},{x}: {shown}, not {true}"
        tensor = self.card.locator(".cs-card-tensor").inner_text().removeprefix("tensor ")
        assert abs(plain(tensor) - true) <= 1e-12 + 1e-6 * abs(true)
        expect(self.card.locator(".cs-verdict")).to_contain_text("equal: yes")
