"""A network is trained in the browser: reloaded, server restarted, stopped, continued, and opened."""

import re
import time

import pytest
from playwright.sync_api import expect
from safetensors.torch import load_file

from explainer.training.runs import Run
from scripts.driver import ROOT, serving

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SOON = 90_000


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of the runs; what is trained there ends with the test."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("CONVSCOPE_RUNS", str(folder))
    yield folder
    for path in folder.glob("*/recipe.toml"):
        run = Run(path.parent)
        run.wish("stop")
        until = time.monotonic() + 60
        while run.alive() and time.monotonic() < until:
            time.sleep(0.1)


def epoch_of(page) -> int:
    words = page.locator(".st-key-run_headline").inner_text()
    found = re.search(r"epoch (\d+) of 14", words)
    return int(found[1]) if found else -1


def until_epoch(page, wanted: int) -> int:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (found := epoch_of(page)) >= wanted:
            return found
        page.wait_for_timeout(200)
    raise AssertionError(page.locator(".st-key-run_headline").inner_text())


def test_a_run_survives_reload_and_restart_and_its_result_opens(runs, tmp_path, open_page):
    with serving(ROOT / "app.py", tmp_path / "first.txt") as app:
        page = open_page(app("training?part=recipe&recipe=epochs:14"))
        page.get_by_role("textbox", name="Name of the run").fill("drawings", timeout=SOON)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Start training").click()
        expect(page.locator(".run-root figure").first).to_be_visible(timeout=SOON)
        expect(page).to_have_url(re.compile("run=drawings"))
        seen = until_epoch(page, 2)

        page.reload()
        expect(page.locator(".st-key-run_headline")).to_be_visible(timeout=SOON)
        assert until_epoch(page, seen) >= seen
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".st-key-run_headline")).to_contain_text("stopped", timeout=SOON)
        stopped = epoch_of(page)
        assert 2 <= stopped < 14
        expect(page.get_by_text("What has come out")).to_be_visible()
        page.goto("about:blank")

    # Another server, the same folder: the run is there, it is still the reader's, and it goes on.
    with serving(ROOT / "app.py", tmp_path / "second.txt") as app:
        page.goto(app("training?part=runs"))
        page.get_by_role("button", name="Continue").click(timeout=SOON)
        expect(page.locator(".st-key-run_headline")).to_contain_text("learning", timeout=SOON)
        assert until_epoch(page, stopped + 1) > stopped
        expect(page.locator(".st-key-run_headline")).to_contain_text("finished", timeout=120_000)
        run = Run(runs / "drawings")
        epochs = [line["epoch"] for line in run.lines()[0] if line["kind"] == "epoch"]
        assert epochs == list(range(15))  # none twice, none left out

        plot = page.locator(".rv-plots canvas").first
        plot.focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".rv-where")).to_contain_text("epoch")
        tile = page.locator(".cm-tile").first
        if tile.count():
            tile.click()
            expect(page.get_by_text("instead of")).to_be_visible(timeout=SOON)

        with page.expect_download(timeout=SOON) as got:
            page.get_by_role("button", name="Download drawings.safetensors").click()
        assert load_file(got.value.path()).keys() == load_file(run.weights).keys()

        page.get_by_role("button", name="Network", exact=True).click()
        expect(page).to_have_url(re.compile(r"model=tiny_vgg&weights=file-"), timeout=SOON)
        shown = page.locator(".st-key-network_map canvas").first
        expect(shown).to_be_visible(timeout=SOON)
        expect(page.locator(".st-key-model input")).to_have_value(re.compile("drawings"), timeout=SOON)
        page.go_back()
        expect(page.get_by_text("What has come out")).to_be_visible(timeout=SOON)
        page.get_by_role("button", name="Compare with before").click()
        expect(page).to_have_url(re.compile("weights2=file-"), timeout=SOON)
        expect(page.get_by_text(re.compile("They (dis)?agree"))).to_be_visible(timeout=SOON)
