"""The page "Why this answer?", what can be asked further: an attack, a patch on the photo, maps judged."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from network_page import _model
from PIL import Image
from playwright.sync_api import expect

from explainer.attribution import baseline, occlusion
from explainer.samples import sample

pytestmark = pytest.mark.e2e


def fed(model: str, image: str):
    """The network and its input, opened here and not by the server."""
    loaded = _model(model, "default")
    return loaded, loaded.preprocessing.apply(sample(image).load())


def step(loaded, images, epsilon: int) -> torch.Tensor:
    """One step of the fast gradient sign method, written out: the pixels, 0..1."""
    mean, std = (
        torch.tensor(value).view(-1, 1, 1) for value in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    leaf = images.clone().requires_grad_()
    scores = loaded.model(leaf)
    loss = torch.nn.functional.cross_entropy(scores, scores.argmax(1))
    (gradient,) = torch.autograd.grad(loss, leaf)
    return (images * std + mean + epsilon / 255 * gradient.sign()).clamp(0, 1)


@pytest.fixture
def visit(app_server, open_page):
    def start(link: str, **options):
        page = open_page(app_server(f"why?{link}"), **options)
        expect(page.locator(".st-key-why_part")).to_be_visible(timeout=60_000)
        return page

    return start


def link(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_one_step_changes_the_answer_as_torch_says(visit, app_server):
    page = visit("model=resnet20&image=chelsea&part=adversarial&attack=fgsm&eps=4")
    loaded, images = fed("resnet20", "chelsea")
    mean, std = (
        torch.tensor(value).view(-1, 1, 1) for value in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )
    scores = loaded.model((step(loaded, images, 4) - mean) / std)[0]
    before, after = (loaded.classes[int(one.argmax())] for one in (loaded.model(images)[0], scores))
    assert before != after
    share = f"{float(scores.softmax(0).max()):.0%}"
    verdict = page.get_by_test_id("stAlert").filter(has_text="It worked.")
    expect(verdict).to_contain_text(f"the network now says {after} ({share}) instead of {before}")

    with page.expect_download() as wait:
        page.get_by_role("button", name="Download the picture").click()
    file = Image.open(io.BytesIO(wait.value.path().read_bytes()))
    again = loaded.model(loaded.preprocessing.apply(file))[0]
    assert loaded.classes[int(again.argmax())] == after

    row = page.get_by_role("group", name="The photo, the change")
    expect(row.locator("canvas")).to_have_count(5)
    row.locator("canvas").first.focus()
    page.keyboard.press("ArrowRight")
    expect(row.locator(".value").nth(1)).to_have_text(re.compile(r"^R [+−]4.*/ 255$"))

    page.get_by_role("slider", name="Limit").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"[?&]eps=0(&|$)"))
    expect(page.get_by_text(f"the network still says {before}")).to_be_visible()


def test_the_changed_picture_goes_on_to_the_network_page(visit):
    page = visit("model=resnet20&image=chelsea&part=adversarial&attack=pgd&eps=8&target=9")
    loaded, _ = fed("resnet20", "chelsea")
    target = loaded.classes[9]
    expect(page.get_by_text(f"the network now says {target}")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Look at it on the Network page").click()
    frame = page.locator(".cs-frame")
    expect(frame).to_have_attribute("data-trace", re.compile(r"^resnet20/default/own-"), timeout=60_000)
    assert link(page)["image"].startswith("own-")


def test_what_did_not_work_is_said(visit):
    page = visit("model=lenet5&image=digit-0&part=adversarial&attack=fgsm&eps=1&lang=ja")
    expect(page.get_by_text("失敗しました。答えは 0")).to_be_visible(timeout=60_000)


def test_the_patch_is_moved_by_keys_and_pointer(visit):
    page = visit("model=tiny_vgg&image=drawn-lifeboat&part=occlusion&patch=16&patch_step=8")
    loaded, images = fed("tiny_vgg", "drawn-lifeboat")
    answer = int(loaded.model(images).argmax())
    grey = baseline("grey", images, loaded.preprocessing)
    found = occlusion(loaded.model, images, answer, size=16, stride=8, fill=grey)
    canvas = page.locator(".ov-photo canvas")
    covered = page.locator(".ov-number").nth(1)
    lowest = divmod(int(found.scores.argmin()), found.scores.shape[1])
    expect(covered).to_have_text(f"{100 * float(found.probabilities[lowest]):.1f} %")
    box = canvas.bounding_box()
    canvas.hover(position={"x": box["width"] * 0.01, "y": box["height"] * 0.01})
    expect(covered).to_have_text(f"{100 * float(found.probabilities[0, 0]):.1f} %")
    canvas.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(covered).to_have_text(f"{100 * float(found.probabilities[2, 1]):.1f} %")


def test_maps_are_judged(visit):
    page = visit("model=tiny_vgg&image=drawn-pizza&part=faithfulness")
    table = page.locator(".fv-table")
    expect(table.locator("tbody tr").last).to_contain_text("random squares", timeout=60_000)
    slider = page.get_by_role("slider", name="Share of the pixels")
    slider.focus()
    page.keyboard.press("Home")
    loaded, images = fed("tiny_vgg", "drawn-pizza")
    whole = f"{100 * float(loaded.model(images).softmax(1).max()):.1f} %"
    for value in page.locator(".fv-row").first.locator(".fv-value").all():
        expect(value).to_have_text(whole)
    page.keyboard.press("End")
    hole = baseline("grey", images, loaded.preprocessing)
    index = int(loaded.model(images).argmax())
    nothing = f"{100 * float(loaded.model(hole).softmax(1)[0, index]):.1f} %"
    for value in page.locator(".fv-row").first.locator(".fv-value").all():
        expect(value).to_have_text(nothing)
