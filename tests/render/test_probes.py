"""The code panels run, and print what the page shows."""

import pytest

from explainer.attribution import baseline, integrated_gradients, occlusion
from explainer.models import load_model
from explainer.render.probes import completeness_code, faithfulness_code, occlusion_code
from explainer.render.snippet import Origin
from explainer.samples import sample

ORIGIN = Origin(
    "tiny_vgg", "default", 'sample("drawn-pizza").load()', ("from explainer.samples import sample",)
)


@pytest.fixture
def printed(capsys):
    def run(code: str) -> str:
        exec(code, {})
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def fed():
    loaded = load_model("tiny_vgg")
    return loaded, loaded.preprocessing.apply(sample("drawn-pizza").load())


def test_occlusion(printed, fed):
    loaded, images = fed
    cover = baseline("grey", images, loaded.preprocessing)
    found = occlusion(loaded.model, images, 2, size=16, stride=16, fill=cover)
    out = printed(occlusion_code(ORIGIN, 2, 16, 16, "grey"))
    assert out.splitlines()[0] == str(found.intact.softmax(0)[2].item())
    assert str(found.probabilities) in out


def test_completeness(printed, fed):
    loaded, images = fed
    start = baseline("blur", images, loaded.preprocessing)
    found = integrated_gradients(loaded.model, images, 2, baseline=start, steps=8)
    assert (
        printed(completeness_code(ORIGIN, 2, "blur", 8))
        == f"{found.total} {found.difference} {found.error}\n"
    )


def test_faithfulness(printed):
    deletion, insertion = map(float, printed(faithfulness_code(ORIGIN, 2, "grey", "blur", 8)).split())
    assert 0 < deletion < insertion < 1
