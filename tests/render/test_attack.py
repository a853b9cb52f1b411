"""An attack as the page shows it: before and after, the picture to take away, the code."""

import numpy as np
import pytest
import torch
from PIL import Image

from explainer.attribution import adversarial, cam
from explainer.models import LoadedModel, Preprocessing, load_model
from explainer.render.attack import code, image_of, in_photo, run
from explainer.render.snippet import Origin
from explainer.samples import sample
from explainer.tracing import trace

LENGTHS = [0.0, 4 / 255]


@pytest.fixture(scope="module")
def loaded():
    return load_model("resnet20")


@pytest.fixture(scope="module")
def recorded(loaded):
    return trace(loaded.model, loaded.preprocessing.apply(sample("chelsea").load()))


def attack(loaded, recorded, node, **options):
    settings = {"method": "fgsm", "epsilon": 4 / 255, "steps": 1, "target": None, "lengths": LENGTHS}
    return run(loaded, recorded, recorded[node], recorded.nodes[-1], **settings | options)


def test_before_and_after(loaded, recorded):
    told = []
    found = attack(loaded, recorded, "layer3.2.conv2", progress=lambda *done: told.append(done))
    answer = int(recorded.nodes[-1].output.argmax())
    direct = adversarial(loaded.model, recorded.input.output, answer, loaded.preprocessing, epsilon=4 / 255)
    assert torch.equal(found.found.pixels, direct.pixels)
    assert torch.allclose(found.lengths[1], direct.after, atol=1e-3)
    assert torch.allclose(found.lengths[0], direct.before, atol=1e-3)
    changed = trace(loaded.model, direct.images)
    for heat, forward, index in (
        (found.heat_before, recorded, answer),
        (found.heat_after, changed, int(direct.after.argmax())),
    ):
        expected = cam(forward, forward["layer3.2.conv2"], forward.nodes[-1], index).map
        assert torch.allclose(heat, expected, atol=1e-5)
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)


def test_a_layer_without_places_has_no_heat(loaded, recorded):
    found = attack(loaded, recorded, "avgpool", method="pgd", steps=2, target=5)
    assert found.heat_before is None
    assert found.heat_after is None
    assert found.found.targeted
    assert found.found.class_index == 5


@pytest.mark.parametrize(
    ("photo", "resize"), [((300, 200), 256), ((200, 300), 230), ((100, 100), (224, 224)), ((500, 224), None)]
)
def test_the_picture_to_take_away_arrives_unchanged(loaded, photo, resize):
    scaling = Preprocessing((224, 224), (0.4,) * 3, (0.2,) * 3, resize=resize)
    network = LoadedModel(loaded.model, "x", "X", (), scaling, True, {}, "timm", "")
    noise = np.random.default_rng(0)
    changed = noise.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    original = Image.fromarray(noise.integers(0, 256, (*photo[::-1], 3), dtype=np.uint8))
    whole = in_photo(changed, network, original)
    assert np.array_equal(np.asarray(scaling.picture(whole)), changed)


def test_where_resizing_would_change_it_none_is_offered(loaded):
    scaling = Preprocessing((224, 224), (0.0,) * 3, (1.0,) * 3, resize=None)
    network = LoadedModel(loaded.model, "x", "X", (), scaling, True, {}, "timm", "")
    small = Image.new("RGB", (100, 100))
    assert in_photo(np.zeros((224, 224, 3), np.uint8), network, small) is None


def test_digits_arrive_in_grey():
    loaded = load_model("lenet5")
    photo = sample("digit-1").load()
    found = adversarial(loaded.model, loaded.preprocessing.apply(photo), 1, loaded.preprocessing)
    whole = in_photo(found.picture, loaded, photo)
    assert torch.allclose(loaded.model(loaded.preprocessing.apply(whole))[0], found.rounded, atol=1e-4)
    assert image_of(found.picture).size == (32, 32)


@pytest.mark.parametrize(
    "options", [{}, {"method": "pgd", "steps": 3}, {"method": "pgd", "steps": 2, "target": 5}]
)
def test_the_code_says_what_the_page_says(loaded, recorded, options, capsys):
    found = attack(loaded, recorded, "avgpool", **options).found
    origin = Origin(
        "resnet20", "default", 'sample("chelsea").load()', ("from explainer.samples import sample",)
    )
    exec(code(origin, found), {})
    before, after = capsys.readouterr().out.splitlines()
    for line, scores in ((before, found.before), (after, found.after)):
        assert repr(loaded.classes[int(scores.argmax())]) in line
