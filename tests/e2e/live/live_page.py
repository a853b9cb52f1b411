"""The Live camera page as a reader with a camera uses it."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np

from scripts.driver import App


class LivePage:
    """A tab on the page, and what can be seen in its video."""

    def __init__(self, page, app: App) -> None:
        self.page = page
        self.app = app

    def open(self, **link: str) -> LivePage:
        """Go to the page; its camera is off."""
        self.page.goto(self.app("live?" + "&".join(f"{name}={value}" for name, value in link.items())))
        return self.ready()

    def ready(self) -> LivePage:
        """Wait until the camera could be started."""
        self.inside.get_by_role("button", name="Start the camera").wait_for(timeout=60_000)
        return self

    @property
    def inside(self):
        """What is in the frame of the stream."""
        return self.page.frame_locator("iframe[title*='webrtc']")

    @property
    def stream(self):
        """The frame of the stream, to run scripts in."""
        return next(frame for frame in self.page.frames if "webrtc" in frame.url)

    def start(self) -> LivePage:
        """Turn the camera on and wait for the first picture that came back."""
        self.inside.get_by_role("button", name="Start the camera").click()
        self.stream.wait_for_function("watched.look() >= 0", timeout=60_000)
        return self

    def stop(self) -> LivePage:
        """Turn the camera off, and wait until its picture is gone and the page has taken note."""
        self.inside.get_by_role("button", name="Stop the camera").click()
        self.stream.wait_for_function("!watched.shown()", timeout=60_000)
        self.page.get_by_text("A sample picture.").wait_for(timeout=60_000)
        return self.ready()

    def picture(self) -> tuple[int, np.ndarray]:
        """Return what is on the screen: the number of the frame, -1 if none can be read, and RGB pixels."""
        got = self.stream.evaluate("watched.picture()")
        data = base64.b64decode(got["url"].partition(",")[2])
        return got["number"], cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)

    def until_picture(self, wanted, seconds: float = 15.0):
        """Return ``wanted(number, pixels)`` for the first picture for which it is true."""
        for _ in range(round(seconds / 0.15)):
            if (found := wanted(*self.picture())) is not None and found is not False:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no picture in {seconds} s was as wanted; the page says: {self.said()}")

    def connections(self) -> tuple[int, int]:
        """Return how often the camera was asked for and a connection made since the page was opened."""
        return tuple(self.stream.evaluate("[watched.started, watched.connections]"))

    def delays(self) -> np.ndarray:
        """Return when it was measured by how much a picture came later than it was taken: [n, 2], seconds."""
        return self._seen()[:, :2]

    def arrivals(self, count: int, seconds: float = 30.0) -> np.ndarray:
        """Wait for so many pictures that are not the one before, and return their rows of ``delays``."""
        begun = len(self._seen())
        for _ in range(round(seconds / 0.2)):
            seen = self._seen()[begun:]
            new = seen[1:][np.diff(seen[:, 2]) != 0] if len(seen) else seen
            if len(new) >= count:
                return new[:, :2]
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{len(new)} pictures came in {seconds} s")

    def _seen(self) -> np.ndarray:
        """Return the moment, the delay (seconds) and the frame's number of every look: [n, 3]."""
        return np.array(self.stream.evaluate("watched.delays"))

    def said(self) -> str:
        """Return what the page says the network sees."""
        line = self.page.locator(".live-said")
        return line.inner_text() if line.count() else ""

    def wait_until_said(self, pattern: str) -> str:
        """Wait until the page says something."""
        line = self.page.locator(".live-said").filter(has_text=re.compile(pattern))
        line.wait_for()
        return line.inner_text()

    @property
    def link(self) -> dict[str, str]:
        """The query parameters."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}


def boxes_in(pixels: np.ndarray, colour: tuple[int, int, int]) -> list[tuple[int, int, int, int]]:
    """Return left, top, right and bottom of what is outlined in a colour and large enough."""
    # A video call halves the colours' resolution, so an outline's colour is blurred but its hue is not.
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(int)
    wanted = cv2.cvtColor(np.uint8([[colour]]), cv2.COLOR_RGB2LAB)[0, 0].astype(int)
    alike = (np.abs(lab - wanted)[..., 1:].max(-1) < 16) & (np.abs(lab - wanted)[..., 0] < 60)
    joined = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, _, found, _ = cv2.connectedComponentsWithStats(joined)
    boxes = [tuple(map(int, found[at, :4])) for at in range(1, count)]
    return [(x, y, x + w, y + h) for x, y, w, h in boxes if w >= 30 and h >= 30]


def overlap(one, other) -> float:
    """Return the IoU of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / (sum(areas) - both)
