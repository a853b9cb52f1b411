"""A reader's camera for real: video to the server and back through WebRTC, in a browser with a camera.

The tests of this module share one stream and follow each other as a visit does.
"""

import os
import re
import signal
import statistics

import live_film
import numpy as np
import pytest
from live_page import boxes_in, overlap
from live_room import NoRoomError, room, settled, used_by
from playwright.sync_api import expect

from explainer.live.drawing import colour_of

pytestmark = pytest.mark.e2e

FACE = colour_of(0)
FACE_SAID = r"(^| )face \d+%"
OBSERVED = 25.0
"""Seconds over which the delay is watched."""
POOLED = 5
"""Threads by which the event loop's pool may grow; a stream has six at least."""


def face_is_framed(number, pixels):
    """Return the overlap of a box with where the face is in this frame, if it is the face's box."""
    if number < 0:
        return None
    overlaps = [overlap(box, live_film.face(number)) for box in boxes_in(pixels, FACE)]
    return max(overlaps, default=0) if max(overlaps, default=0) > 0.45 else None


def nothing_is_framed(number, pixels):
    return number >= 0 and not boxes_in(pixels, FACE)


def strangeness(number, pixels):
    """Return by how much the picture differs from what the camera showed, over the photograph."""
    shown = live_film.picture(number)
    return float(np.abs(pixels.astype(int) - shown)[: -live_film.CELL].mean())


def test_pictures_come_back_with_the_box_where_the_face_is(live_page):
    live_page.open(detector="faces_yolox_nano").start()
    live_page.wait_until_said(FACE_SAID)
    for _ in range(3):  # at different places of its way
        live_page.until_picture(face_is_framed)
        live_page.page.wait_for_timeout(700)
    number, pixels = live_page.picture()
    assert strangeness(number, pixels) < 14, "the rest of the picture is the camera's own"


def test_the_figures_are_shown(live_page):
    figures = live_page.page.locator(".live-figures")
    expect(figures).to_contain_text("Frames on screen")
    expect(figures).to_contain_text(re.compile(r"Delay of a result\s*\d+ ms"))
    expect(figures).to_contain_text(re.compile(r"Input size\s*\d+ px"))


def test_a_threshold_changes_without_stopping_the_stream(live_page):
    slider = live_page.page.get_by_role("slider", name="Least score")
    slider.focus()
    slider.press("End")
    live_page.wait_until_said("Nothing found")
    live_page.until_picture(nothing_is_framed)
    live_page.page.wait_for_url(re.compile(r"score=0\.95"))
    slider = live_page.page.get_by_role("slider", name="Least score")
    slider.focus()
    slider.press("Home")
    for _ in range(4):
        slider.press("ArrowRight")
    live_page.wait_until_said(FACE_SAID)
    live_page.until_picture(face_is_framed)
    assert live_page.connections() == (1, 1)


def test_the_delay_is_bounded_and_does_not_grow(live_page):
    delays = live_page.delays()
    while delays[-1, 0] - delays[0, 0] < OBSERVED:
        live_page.page.wait_for_timeout(1000)
        delays = live_page.delays()
    begun, late = delays[0, 0], delays[-1, 0]
    first = delays[delays[:, 0] < begun + (late - begun) / 3, 1]
    last = delays[delays[:, 0] > late - (late - begun) / 3, 1]
    assert min(len(first), len(last)) > 40, "both sides could be read all the time"
    said = f"median {statistics.median(first):.2f} s at first, {statistics.median(last):.2f} s at last"
    assert statistics.median(last) < statistics.median(first) + 0.4, said
    assert np.percentile(last, 90) < 2.0, said  # at first the machine is busy with the network's start


def test_after_a_stall_the_picture_is_of_now_again(live_page):
    usual = statistics.median(live_page.delays()[-60:, 1])
    os.kill(live_page.app.process, signal.SIGSTOP)
    live_page.page.wait_for_timeout(3000)
    os.kill(live_page.app.process, signal.SIGCONT)
    live_page.page.wait_for_timeout(3000)
    # What was lost meanwhile may have the video stand still until its next key frame. Those that come count.
    late = statistics.median(live_page.arrivals(20)[:, 1])
    assert late < usual + 0.8, f"{late:.2f} s; before the server stood still, {usual:.2f} s"


def test_a_mode_changes_without_stopping_the_stream(live_page):
    before = live_page.delays()[-1, 0]
    modes = live_page.page.get_by_role("radiogroup", name="What the network shows")
    modes.get_by_text("Grad-CAM").click()

    def heated(number, pixels):
        return number >= 0 and strangeness(number, pixels) > 18 and not boxes_in(pixels, FACE)

    live_page.page.wait_for_url(re.compile("mode=cam"))
    live_page.until_picture(heated, 30)
    modes.get_by_text("Objects").click()
    live_page.wait_until_said(FACE_SAID)
    live_page.until_picture(face_is_framed, 30)
    assert live_page.connections() == (1, 1)
    assert live_page.delays()[-1, 0] > before, "pictures kept coming"


def test_a_frozen_frame_opens_in_the_detection_lab(live_page):
    page = live_page.page
    page.get_by_role("button", name="Freeze this frame").click()
    frozen = page.locator(".st-key-live_frozen")
    expect(frozen.get_by_role("img").first).to_have_attribute("alt", re.compile(r"face \d+%"))
    frozen.get_by_role("button", name="Open in the Detection lab").click()
    page.wait_for_url(re.compile(r"/detection\?"))
    assert live_page.link["image"].startswith("own-")
    assert live_page.link["part"] == "yolo"
    assert live_page.link.get("detector", "faces_yolox_nano") == "faces_yolox_nano", (
        "the lab's usual one, too"
    )
    strip = page.get_by_role("radiogroup", name="Image")
    expect(strip.get_by_role("radio", name="Your picture 1")).to_be_checked(timeout=30_000)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


def test_starting_stopping_and_leaving_leave_no_threads(live_page):
    wait, server = live_page.page.wait_for_timeout, live_page.app.process
    live_page.open(detector="faces_yolox_nano")
    live_page.start().stop()  # what comes once for all starts: imports, pools
    resting = settled(server, wait, most=0, seconds=3)
    for _ in range(10):
        live_page.start().stop()
    after = settled(server, wait, most=resting.threads)
    assert after.threads < resting.threads + POOLED, f"{resting} before, {after} after ten starts"
    for _ in range(2):
        live_page.open(detector="faces_yolox_nano").start()
        live_page.page.goto("about:blank")
        left = settled(server, wait, most=resting.threads)
        assert left.threads < resting.threads + POOLED, f"{resting} before, {left} after leaving"


def test_starting_and_stopping_holds_on_to_no_memory(frugal_page):
    wait, server = frugal_page.page.wait_for_timeout, frugal_page.app.process
    frugal_page.open(detector="faces_yolox_nano")
    for _ in range(3):  # what comes once for all starts
        frugal_page.start().stop()
    resting = settled(server, wait, most=0, seconds=3)
    for _ in range(10):
        frugal_page.start().stop()
    after = settled(server, wait, most=0, seconds=3)
    # Two frames of the camera for each start would be more.
    assert after.memory < resting.memory + 18, f"{resting} before, {after} after ten starts"


# --- where it cannot be tested ---------------------------------------------------------------------------


def test_a_room_that_cannot_be_made_says_why():
    with pytest.raises(NoRoomError, match="needs unshare and nsenter and ip"), room(path=""):
        pass
    refused = [("false",), ("sh", "-c", "echo not allowed >&2; exit 1")]
    with pytest.raises(NoRoomError, match=r"right to make a network namespace.*not allowed"), room(refused):
        pass


def test_what_a_process_uses_is_read(live_app):
    used = used_by(live_app.process)
    assert used.threads > 1
    assert used.memory > 20
