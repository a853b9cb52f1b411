"""Sessions stay open for hours: what a page leaves behind in them keeps no forward pass in memory."""

import gc
import time
import weakref
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.ui import opened
from explainer.ui.jobs import jobs
from explainer.ui.layers import what_if_section

APP = Path(__file__).parents[2] / "app.py"
torch.set_num_threads(1)  # and PyTorch is there: the page need not wait for it


def settle() -> None:
    """Wait for the work that the page has begun."""
    until = time.monotonic() + 20
    while not all(job.finished for job in list(jobs()._jobs.values())):
        assert time.monotonic() < until, "work does not end"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        *(("layers", {"tab": tab}) for tab in ("channels", "kernels", "field", "moments", "visualisation")),
        ("layers", {"tab": "what-if", "what": "scale/conv_1_2/3/0.5"}),
        *(("why", {"part": part}) for part in ("arithmetic", "completeness", "occlusion", "adversarial")),
        ("why", {"part": "faithfulness", "view": "layers"}),
        ("compare", {"what": "weights"}),
    ],
)
def test_what_a_session_holds_keeps_no_node_alive(page, query):
    opened._traces().clear()  # what other tests have opened
    app = AppTest.from_file(str(APP), default_timeout=120).switch_page(f"pages/{page}.py")
    app.query_params.update({"model": "tiny_vgg", "at": "conv_1_2/3", "made": "steps:20", **query})
    app.run()
    assert not app.error, [error.value for error in app.error]
    settle()
    kept = opened._traces()
    nodes = [weakref.ref(node) for slot in kept._slots.values() for node in slot.value.trace.nodes]
    assert nodes
    kept.clear()
    what_if_section._results().clear()
    gc.collect()
    assert not [node for ref in nodes if (node := ref()) is not None]
