"""A reader changes a channel and a kernel, and the page says what PyTorch says."""

import re
from copy import deepcopy

import pytest
import torch
from playwright.sync_api import expect

from explainer.models import load_model
from explainer.samples import sample

pytestmark = pytest.mark.e2e
expect.set_options(timeout=20_000)  # a busy machine
LAYER, CHANNEL = "conv_1_2", 3


def silence(module, inputs, output):
    output = output.clone()
    output[:, CHANNEL] = 0
    return output


def answers(*, silent: bool = False, weight: float | None = None) -> dict[int, float]:
    """The probabilities in per cent, from a copy of the model that is really changed."""
    torch.set_num_threads(1)
    loaded = load_model("tiny_vgg")
    model = deepcopy(loaded.model)
    layer = model.get_submodule(LAYER)
    if silent:
        layer.register_forward_hook(silence)
    with torch.no_grad():
        if weight is not None:
            layer.weight[CHANNEL, 0, 0, 0] = weight
        shares = model(loaded.preprocessing.apply(sample("coffee").load())).softmax(1)[0]
    return {index: 100 * float(share) for index, share in enumerate(shares)}


class WhatIf:
    def __init__(self, page):
        self.page = page
        self.bars = page.locator(".what-if .classes li")

    def says(self, now: dict[int, float]) -> None:
        """The bars show these probabilities as those after the change, and the untouched ones before."""
        before = answers()
        expect(self.bars.first).to_be_visible(timeout=60_000)
        for row in self.bars.all():
            index = int(row.get_attribute("data-index"))
            expect(row.locator("b")).to_have_text(written(now[index]))
            expect(row.locator(".was")).to_have_text(written(before[index]))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def shown(percent: float) -> str:
    return f"{percent:.{2 if percent < 9.95 else 1}f} %"


def written(percent: float) -> re.Pattern[str]:
    """The number as the page rounds it, give or take one in the last place."""
    places = 2 if percent < 9.95 else 1
    near = {f"{percent + step * 10**-places:.{places}f}" for step in (-1, 0, 1)}
    return re.compile("^(" + "|".join(re.escape(text) for text in near) + r")\s%$")


def test_a_channel_and_a_kernel_are_changed_and_put_back(app_server, open_page):
    page = open_page(
        app_server(f"layers?model=tiny_vgg&image=coffee&at={LAYER}/{CHANNEL}&tab=what-if&lang=en")
    )
    view = WhatIf(page)
    view.says(answers())
    expect(page.locator(".what-if .layers")).to_be_hidden()

    view.press("Silence")
    view.says(answers(silent=True))
    expect(page).to_have_url(re.compile(rf"[?&]what=zero%2F{LAYER}%2F{CHANNEL}(&|$)"))
    expect(page.locator(".what-if .layers [aria-checked='true']")).to_have_count(1)
    expect(page.locator(".what-if .channels figure").first).to_be_visible()

    page.locator(".what-if .layers button").last.click()
    expect(page.locator(".what-if .channels h4")).to_have_text("Inside softmax")

    view.press("Undo")
    view.says(answers())
    best = max(answers().items(), key=lambda one: one[1])[0]
    worth = page.locator(".what-if .sweep .caption")
    without, whole = answers(silent=True)[best], answers()[best]
    expect(worth).to_have_text(f"without channel {CHANNEL}: {shown(without)} instead of {shown(whole)}")

    page.get_by_text("Edit a kernel").click()
    field = page.locator(".kernel-pad input").first
    field.fill("-2.5")
    field.press("Enter")
    view.says(answers(weight=-2.5))
    expect(page).to_have_url(re.compile(rf"what=kernel%2F{LAYER}%2F{CHANNEL}%2F0%2F-2\.5"))

    view.press("Silence")
    view.says(answers(silent=True, weight=-2.5))
    page.reload()
    view.says(answers(silent=True, weight=-2.5))
    expect(page.get_by_text(f"{LAYER}: channel {CHANNEL} silent")).to_be_visible()

    view.press("Reset")
    view.says(answers())
    expect(page).to_have_url(re.compile(r"^(?!.*[?&]what=)"))
