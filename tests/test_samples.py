"""Sample pictures: all there without a network, and fitting for the network they are offered for."""

import subprocess
import sys

import pytest

from explainer.errors import ReaderError
from explainer.models import Preprocessing
from explainer.samples import sample, samples, samples_for

TEN = (
    "lifeboat",
    "ladybug",
    "pizza",
    "bell pepper",
    "school bus",
    "koala",
    "espresso",
    "red panda",
    "orange",
)
TEN = (*TEN, "sport car")


@pytest.mark.parametrize("one", samples(), ids=lambda one: one.key)
def test_every_sample_is_a_picture_with_a_credit(one):
    image = one.load()
    assert image.mode == "RGB"
    assert min(image.size) >= 200
    assert one.credit
    assert one.title
    lowest, highest = image.convert("L").getextrema()
    assert highest - lowest > 60


def test_drawings_are_the_same_every_time():
    assert sample("drawn-pizza").load().tobytes() == sample("drawn-pizza").load().tobytes()


def test_keys_are_unique_and_an_unknown_one_is_refused():
    keys = [one.key for one in samples()]
    assert len(set(keys)) == len(keys)
    with pytest.raises(ReaderError, match="nothing-here"):
        sample("nothing-here")


def test_each_kind_of_network_gets_its_pictures():
    digits = samples_for(Preprocessing((32, 32), mode="L", mean=(0.0,), std=(1.0,)), "0123456789")
    assert digits[0].key == "digit-7"
    tiny = [one.key for one in samples_for(Preprocessing((64, 64)), TEN)]
    assert tiny[:3] == ["drawn-lifeboat", "drawn-ladybug", "drawn-pizza"]
    assert "drawn-aeroplane" not in tiny
    cifar = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    small = [one.key for one in samples_for(Preprocessing((32, 32)), cifar)]
    assert small[:4] == ["drawn-aeroplane", "drawn-car", "chelsea", "drawn-ship"]
    large = samples_for(Preprocessing((224, 224)), ("tabby", "espresso", "school bus"))
    assert [one.key for one in large][:3] == ["chelsea", "coffee", "drawn-bus"]
    for chosen in (digits, large):
        assert len({one.key for one in chosen}) == len(chosen)


def test_listing_imports_neither_torch_nor_skimage():
    code = (
        "import sys; from explainer.samples import samples; from explainer.models import catalog, search;"
        "samples(); catalog(); search('convnext'); samples()[0].load();"
        "heavy = {'torch', 'torchvision', 'timm', 'skimage'}; print(sorted(heavy & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
