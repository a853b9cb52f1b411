"""The reader's own pictures on the Network page: photos, drawn digits, and files that are no good."""

import io
import re
import struct
import zlib
from itertools import pairwise

import numpy as np
import pytest
from e2e.network_page import NetworkPage, best, run_code, traced, until
from PIL import Image
from playwright.sync_api import expect

from explainer.images import read_image
from explainer.samples import sample

pytestmark = pytest.mark.e2e


def saved(image: Image.Image, form: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def turned(image: Image.Image) -> bytes:
    """A photo as a phone held upright saves it: lying on its side, with a note to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif)


def upload(page, name: str, data: bytes) -> None:
    choose = page.locator('input[type="file"]')
    if not choose.count():
        page.get_by_role("button", name="Upload").first.click()
    choose.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


@pytest.fixture
def it(app_server, open_page):
    return NetworkPage(open_page(app_server("?model=tiny_vgg&image=drawn-bus"))).ready()


def test_a_photo_is_read_upright_and_recognised(it, tmp_path):
    assert it.prediction() == "school bus"
    before = it.trace
    photo = turned(sample("coffee").load())
    upload(it.page, "my coffee.jpg", photo)
    expect(it.frame).not_to_have_attribute("data-trace", before)
    it.page.keyboard.press("Escape")
    recorded = traced("tiny_vgg", read_image(photo))
    assert best(recorded, "tiny_vgg") == "espresso"
    assert it.prediction() == "espresso"
    expect(it.page.get_by_role("radio", name="Your picture 1")).to_be_checked()
    # It goes along to the other pages.
    links = it.page.locator(".st-key-navigation").get_by_role("link")
    expect(links.last).to_have_attribute("href", re.compile("image=own-"))
    # The same picture in the code, on the reader's disk.
    it.press("Home")
    it.walk_to("conv_1_1", most=3)
    it.page.keyboard.press("ArrowDown")
    it.page.keyboard.press("Enter")
    it.goes_to("conv_1_1/0")
    it.number()
    it.page.keyboard.press("ArrowDown")
    it.page.keyboard.press("ArrowUp")
    y, x = it.pixel()
    it.agrees_with(recorded, "conv_1_1", 0, y, x)
    shown = it.digits()
    (tmp_path / "my coffee.jpg").write_bytes(photo)
    printed, _ = run_code(it.code(), tmp_path)
    assert np.float32(printed) == np.float32(shown)


def enormous() -> bytes:
    """A small PNG file that says it has 20,000 x 20,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_bad_files_get_a_sentence_and_the_map_stays(it):
    before = it.trace
    photo = saved(sample("coffee").load(), "JPEG")
    bad = {
        "empty.png": (b"", "is empty"),
        "letter.png": (b"Dear reader, this is no picture.", "not a picture"),
        "half.jpg": (photo[: len(photo) // 2], "damaged or incomplete"),
        "huge.png": (enormous(), "million pixels"),
    }
    for name, (data, sentence) in bad.items():
        upload(it.page, name, data)
        alert = it.page.get_by_test_id("stAlert")
        expect(alert).to_contain_text(sentence)
        expect(alert).to_contain_text(name)
        expect(it.page.get_by_test_id("stException")).to_have_count(0)
    it.page.keyboard.press("Escape")
    assert it.trace == before
    assert it.prediction() == "school bus"


def test_odd_pictures_work(it):
    coffee = sample("coffee").load().resize((96, 72))
    grey = np.asarray(coffee.convert("L")).astype(np.uint16) * 257
    odd = {
        "dot.png": saved(Image.new("RGB", (1, 1), "orange"), "PNG"),
        "print.jpg": saved(coffee.convert("CMYK"), "JPEG"),
        "deep.png": saved(Image.fromarray(grey), "PNG"),
        "moving.gif": saved(
            coffee.convert("P"), "GIF", save_all=True, append_images=[Image.new("P", coffee.size)]
        ),
        "wide.webp": saved(Image.new("RGB", (3000, 2), "teal"), "WEBP"),
    }
    for number, (name, data) in enumerate(odd.items(), 1):
        before = it.trace
        upload(it.page, name, data)
        expect(it.frame).not_to_have_attribute("data-trace", before)
        expect(it.page.get_by_test_id("stAlert")).to_have_count(0)
        expect(it.page.get_by_role("radio", name=f"Your picture {number}")).to_be_checked()
        it.page.keyboard.press("Escape")
        assert it.prediction() == best(traced("tiny_vgg", read_image(data)), "tiny_vgg"), name
    # Back to a sample; what was uploaded last does not come again by itself.
    it.page.get_by_role("radio", name="School bus").click()
    expect(it.page).to_have_url(re.compile("image=drawn-bus"))
    expect(it.page.get_by_role("radio", name="School bus")).to_be_checked()
    assert it.prediction() == "school bus"


def stroke(page, *points: tuple[float, float], grown=lambda: True) -> None:
    """Draw a line on the pad; points are fractions of its side.

    It goes on to and fro in its last part until it has ``grown``, as long as a busy machine may need.
    """
    pad = page.get_by_role("img", name=re.compile("^Pad for drawing")).bounding_box()

    def move(x: float, y: float) -> None:
        page.mouse.move(pad["x"] + x * pad["width"], pad["y"] + y * pad["height"])

    move(*points[0])
    page.mouse.down()
    for (x0, y0), (x1, y1) in pairwise(points):
        for step in range(1, 13):
            move(x0 + (x1 - x0) * step / 12, y0 + (y1 - y0) * step / 12)
            page.wait_for_timeout(30)
    for step in range(200):
        if grown():
            break
        move(x1, y1 - 0.02 * (step % 2))
        page.wait_for_timeout(100)
    page.mouse.up()


def test_a_digit_is_read_while_it_is_drawn(app_server, open_page):
    page = open_page(app_server("?model=lenet5&image=digit-0"))
    it = NetworkPage(page).ready("lenet5")
    assert it.prediction() == "0"
    it.frame.evaluate(
        """(frame) => {
          window.seen = new Set([frame.dataset.trace]);
          const look = new MutationObserver(() => window.seen.add(frame.dataset.trace));
          look.observe(frame, { attributes: true });
        }"""
    )

    def reads(digit: str) -> bool:
        """Whether the map comes to give this answer, and stays with it once the drawing is finished."""
        until(it.prediction, lambda found: found == digit)
        last = ""
        while (now := it.trace) != last:
            last = now
            page.wait_for_timeout(700)
        return it.prediction() == digit

    stroke(page, (0.62, 0.12), (0.6, 0.9), grown=lambda: page.evaluate("seen.size") >= 4)
    assert page.evaluate("seen.size") >= 4, "the network follows while the line grows"
    assert reads("1")
    stroke(page, (0.36, 0.12), (0.3, 0.55), (0.8, 0.55))
    assert reads("4")
    expect(page.get_by_role("radio", name="0", exact=True)).not_to_be_checked()

    it.press("Home")
    it.walk_to("c1", most=3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    it.goes_to("c1/0")
    it.number()
    page.keyboard.press("ArrowDown")
    shown = it.digits()
    printed, _ = run_code(it.code())
    assert np.float32(printed) == np.float32(shown)
    for _ in range(3):
        page.keyboard.press("Escape")

    page.get_by_role("button", name="Undo").click()
    assert reads("1")
    page.get_by_role("radio", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("image=digit-7"))
    assert reads("7")


def test_a_camera_snapshot_becomes_the_picture(it):
    before = it.trace
    page = it.page
    page.get_by_role("button", name="Camera").first.click()
    page.get_by_text("Turn the camera on").click()
    # Before the camera gives its first frame there is nothing to take.
    page.wait_for_function(
        "[...document.querySelectorAll('video')].some((v) => v.videoWidth > 0 && v.currentTime > 0.2)"
    )
    page.get_by_role("button", name=re.compile("Take photo", re.I)).click()
    expect(it.frame).not_to_have_attribute("data-trace", before)
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="Your picture 1")).to_be_checked()
