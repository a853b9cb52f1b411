"""Take README's pictures from the running app: ``python scripts/screenshots.py [name ...]``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.driver import ROOT, launch, serving

FOLDER = ROOT / "assets" / "screenshots"
_RECIPE = """\
name = "drawings"
network = "tiny_vgg"
dataset = "starter"
epochs = 10
batch_size = 32
optimizer = "adamw"
learning_rate = 0.003
weight_decay = 0.001
validation = 0.15
"""


@dataclass(frozen=True)
class Shot:
    """One picture: a place in the app and how it is looked at."""

    name: str
    path: str = ""
    """The page's path; empty for the Network page."""
    query: tuple[tuple[str, str], ...] = ()
    theme: str = "light"
    width: int = 1440
    height: int = 900
    ready: str = ".nm[data-painted]"
    """What is there once the page has drawn itself."""


SHOTS = (
    Shot("network", query=(("image", "coffee"),)),
    Shot("number", query=(("image", "coffee"), ("at", "conv_1_2/3/20,30"))),
    Shot("network-ja-dark", query=(("model", "lenet5"), ("lang", "ja")), theme="dark"),
    Shot("why", "why", (("image", "coffee"),), height=1080, ready=".heat-wall [data-ready]"),
    Shot(
        "field",
        "layers",
        (("model", "resnet20"), ("image", "chelsea"), ("tab", "field"), ("at", "layer2.0.conv1/3/6,7")),
        height=1080,
        ready=".fv[data-node]",
    ),
    Shot("compare", "compare", (("image", "coffee"),), height=1080, ready=".tv-side canvas"),
    Shot("yolo", "detection", (("part", "yolo"),), height=1080, ready=".yolo-three canvas"),
    Shot(
        "training",
        "training",
        (("part", "runs"), ("run", "drawings")),
        height=1240,
        ready=".cm-tile",
    ),
    Shot(
        "replay",
        "training",
        (("part", "replay"), ("run", "drawings"), ("epoch", "5")),
        height=1180,
        ready=".film-root canvas",
    ),
    Shot("convolution", "playground", (("part", "conv"),), height=1000, ready=".conv-lab canvas"),
    Shot("foundations", "foundations", (("part", "descent"),), height=1000, ready=".descent-view canvas"),
    Shot("narrow", query=(("image", "drawn-bus"), ("lang", "ja")), width=420, height=860),
)


def main() -> None:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("names", nargs="*", help="names of pictures; all of them if none is given")
    wanted = parser.parse_args().names
    shots = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = Path(tempfile.mkdtemp()) / "log.txt"
    if any(shot.path == "training" for shot in shots):
        _train(log.parent)
    with serving(ROOT / "app.py", log) as app, launch() as browser:
        for shot in shots:
            page = browser.new_page(
                viewport={"width": shot.width, "height": shot.height},
                color_scheme=shot.theme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            page.goto(app(f"{shot.path}?{urlencode(shot.query)}"))
            page.get_by_test_id("stMainBlockContainer").wait_for()
            page.locator(shot.ready).first.wait_for(state="attached", timeout=120_000)
            page.wait_for_timeout(2_000)
            page.screenshot(path=FOLDER / f"{shot.name}.png")
            page.close()
            print(f"{shot.name}.png")


def _train(folder: Path) -> None:
    """Train the run that is shown, and let the app find it."""
    (folder / "drawings.toml").write_text(_RECIPE, "utf-8")
    command = [sys.executable, "-m", "explainer.training", str(folder / "drawings.toml")]
    command += ["--runs", str(folder), "--out", str(folder / "drawings")]
    subprocess.run(command, cwd=ROOT, check=True)
    os.environ["CONVSCOPE_RUNS"] = str(folder)


if __name__ == "__main__":
    main()
