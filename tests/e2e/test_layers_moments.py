"""Best moments and the made picture, as a reader meets them."""

import io
import re
import zipfile

import pytest
import torch
from playwright.sync_api import expect

from explainer.layers.moments import best_moments, sample_pictures
from explainer.models import load_model
from explainer.samples import sample

pytestmark = pytest.mark.e2e
expect.set_options(timeout=20_000)  # a busy machine


def zipped(*keys: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for key in keys:
            picture = io.BytesIO()
            sample(key).load().save(picture, "PNG")
            archive.writestr(f"{key}.png", picture.getvalue())
        archive.writestr("broken.png", b"not a picture")
    return stream.getvalue()


def test_the_strongest_patches_lead_to_their_pictures(app_server, open_page):
    torch.set_num_threads(1)
    loaded = load_model("tiny_vgg")
    first, second, *_ = best_moments(loaded, "conv_2_1", 3, sample_pictures(loaded))
    page = open_page(app_server("layers?model=tiny_vgg&image=coffee&at=conv_2_1/3&tab=moments&lang=en"))
    cards = page.locator(".moment button")
    expect(cards).to_have_count(12, timeout=60_000)
    for card, moment in ((cards.nth(0), first), (cards.nth(1), second)):
        assert float(card.locator("b").inner_text()) == pytest.approx(moment.value, rel=1e-3)
    cards.nth(1).click()
    expect(page).to_have_url(re.compile(rf"[?&]image={second.picture}(&|$)"))
    expect(page).to_have_url(re.compile(rf"at=conv_2_1%2F3%2F{second.y}%2C{second.x}"))

    page.get_by_role("radio", name="Your pictures").click()
    page.locator(".st-key-moment_files input[type=file]").set_input_files(
        {"name": "mine.zip", "mimeType": "application/zip", "buffer": zipped("rocket", "chelsea")}
    )
    expect(cards).to_have_count(2, timeout=60_000)
    expect(cards.first).to_be_disabled()
    page.get_by_text("1 files were left out").click()
    expect(page.get_by_text("broken.png is not a picture")).to_be_visible()


def test_a_folder_of_pictures_is_looked_through_with_what_lies_below_it(app_server, open_page, tmp_path):
    (tmp_path / "more").mkdir()
    for key, place in (("rocket", ""), ("chelsea", "more")):
        sample(key).load().resize((64, 64)).save(tmp_path / place / f"{key}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    page = open_page(app_server("layers?model=tiny_vgg&at=conv_2_1/3&tab=moments&from=own&lang=en"))
    page.locator(".st-key-moment_folder input[type=file]").set_input_files(tmp_path)
    cards = page.locator(".moment button")
    expect(cards).to_have_count(2, timeout=60_000)
    for name in ("rocket.png", "chelsea.png"):
        expect(cards.filter(has_text=name)).to_have_count(1)


def test_a_picture_grows_and_can_be_ended(app_server, open_page):
    where = "model=resnet18&weights=none&at=layer1.0.conv1/3"  # heavy: a minute or more, if it is not ended
    page = open_page(app_server(f"layers?{where}&tab=visualisation&made=steps:1000&lang=en"))
    page.get_by_role("button", name="Make the picture").click()
    expect(page.get_by_role("img", name="The picture so far")).to_be_visible(timeout=60_000)
    page.locator(".st-key-visualisation-cancel button").click()
    expect(page.get_by_role("button", name="Make the picture")).to_be_visible()
    expect(page.get_by_role("img", name="The picture so far")).to_have_count(0)


def test_a_light_picture_is_made_unasked_and_by_the_defaults_again(app_server, open_page):
    page = open_page(app_server("layers?model=lenet5&at=c3/2&tab=visualisation&made=steps:20&lang=en"))
    expect(page.get_by_text(re.compile(r"after 20 steps"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Defaults").click()
    expect(page.get_by_text(re.compile(r"after 200 steps"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Save as PNG")).to_be_visible()
    expect(page.get_by_text("The best real patch")).to_be_visible()
