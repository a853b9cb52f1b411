"""Networks as pages ask for them: a link names weights, never files."""

import pytest
import torch

from explainer.errors import ReaderError
from explainer.models.networks import build
from explainer.models.own import OwnWeights
from explainer.models.preprocessing import Preprocessing
from explainer.render.snippet import Origin
from explainer.ui.messages import message
from explainer.ui.opened import network, shelf
from explainer.ui.own import with_own


@pytest.fixture
def identity(tmp_path):
    with torch.random.fork_rng():
        torch.save(build("resnet20", 2).state_dict(), tmp_path / "mine.pth")
    path = shelf().put((tmp_path / "mine.pth").read_bytes())
    fed = Preprocessing((40, 40), (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), resize=44)
    return shelf().tell(OwnWeights(path, "mine.pth", "resnet20", ("a", "b"), fed))


def test_own_weights_are_loaded_once_under_their_identity(identity):
    loaded = network("resnet20", identity)
    assert loaded.classes == ("a", "b")
    assert loaded.preprocessing.size == (40, 40)
    assert loaded.card["weights"] == "mine.pth"
    assert network("resnet20", identity) is loaded


@pytest.mark.parametrize(
    "weights", ["/etc/passwd", "../w.pth", "w.safetensors", "file-../../w.pth", "file-", "file-" + "0" * 32]
)
def test_a_link_names_no_file(weights):
    with pytest.raises(ReaderError, match=r"cannot name a file|no longer here"):
        network("tiny_vgg", weights)


def test_a_link_to_a_live_network_of_another_time():
    with pytest.raises(ReaderError, match=r"Call explainer\.show again"):
        network("shown-999", "default")


def test_the_other_architecture_is_suggested_with_the_files_name(identity):
    with pytest.raises(ReaderError) as caught:
        network("resnet18", identity)
    said = message(caught.value)
    assert "mine.pth do not fit this network" in said
    assert "weights of resnet20 (100% of the tensors)" in said


def test_code_opens_the_file_by_its_own_name(identity):
    origin = with_own(Origin("resnet20", identity, "image", ()))
    assert origin.loader == (
        "load_model('resnet20', 'mine.pth', preprocessing="
        "Preprocessing((40, 40), (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), 'RGB', 44, 'bilinear'))"
    )
    assert origin.imports == ("from explainer.models import Preprocessing",)
    published = Origin("resnet20", "default", "image", ())
    assert with_own(published) is published
