"""What the teaching pages load: torchvision takes seconds, and no part needs it at first."""

import subprocess
import sys

import pytest

from scripts.driver import ROOT

OPENED = """
import sys
import torch  # the page waits for the first paint only where it is not there yet
from streamlit.testing.v1 import AppTest
from explainer.ui.{page} import PARTS

app = AppTest.from_file("app.py", default_timeout=120).switch_page("pages/{page}.py")
for part in PARTS:
    app.query_params["part"] = part.key
    app.run()
    assert not app.exception and not app.error, part.key
    print(part.key, "torchvision" in sys.modules)
"""


@pytest.mark.slow
@pytest.mark.parametrize("page", ["playground", "foundations", "architectures"])
def test_no_part_loads_torchvision_before_it_needs_it(page):
    found = subprocess.run(
        [sys.executable, "-c", OPENED.format(page=page)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    parts = dict(line.split() for line in found.stdout.splitlines())
    assert len(parts) >= 4
    assert set(parts.values()) == {"False"}, parts
