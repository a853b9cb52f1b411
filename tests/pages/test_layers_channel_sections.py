"""The sections about one channel on odd layers and with odd links: never a traceback."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"
torch.set_num_threads(1)  # and PyTorch is there: the page need not wait for it


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=120).switch_page("pages/layers.py")
    page.query_params.update(query)
    return page.run()


@pytest.mark.parametrize("tab", ["moments", "visualisation", "what-if"])
@pytest.mark.parametrize(
    ("model", "at"),
    [
        ("tiny_vgg", "input/1"),
        ("tiny_vgg", "flatten/7"),
        ("tiny_vgg", "softmax/3"),
        ("lenet5", "c1/0"),
        ("resnet20", "layer2.0.add/99"),
    ],
)
def test_every_kind_of_layer(tab: str, model: str, at: str) -> None:
    page = visit(model=model, at=at, tab=tab, made="steps:20")
    assert not page.exception
    assert not page.error, [error.value for error in page.error]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("nonsense", 0),
        ("zero/no_such_layer/0", 0),
        ("zero/conv_1_1/999", 1),
        ("kernel/conv_1_1/0/0/1,2", 1),
        ("kernel/relu_1_1/0/0/1", 1),
        ("kernel/conv_1_1/0/-3/1,2,3,4,5,6,7,8,9", 1),
        ("scale/conv_1_1/0/1e29;scale/conv_1_1/0/1e300;bias/conv_1_1/0/-1e300", 0),
        ("image/conv_1_1/0/no-such-picture", 0),
        ("scale/conv_1_1/0/nan;;;///;bias/conv_1_1/1/1e30", 0),
        ("image/conv_1_1/0/chelsea;channel/conv_1_1/1/2;mean/conv_1_1/3;kernel/output/0/5/2.5", 0),
    ],
)
def test_odd_changes_in_the_link(what: str, told: int) -> None:
    page = visit(model="tiny_vgg", at="conv_1_1/0", tab="what-if", what=what, shown="nowhere")
    assert not page.exception
    assert len(page.error) == told, [error.value for error in page.error]


@pytest.mark.parametrize(
    "made", ["x", "steps:-5,blur:nan,jitter:1e999", "whole:0,fourier:0,steps:20,seed:77"]
)
def test_odd_settings_in_the_link(made: str) -> None:
    page = visit(model="lenet5", at="c1/0", tab="visualisation", made=made)
    assert not page.exception
    assert not page.error
    assert page.number_input(key="visualise_seed").value == (77 if "77" in made else 0)
