"""Best moments: the same patches as a search by hand finds."""

import numpy as np
import pytest
import torch
from PIL import Image

from explainer.archives import Picture
from explainer.errors import Cancelled, ReaderError
from explainer.layers.moments import best_moments, crop, peaks, sample_pictures
from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import maps, receptive_field, trace

torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("key", "layer", "channel"),
    [
        ("tiny_vgg", "conv_2_1", 4),
        ("resnet20", "layer2.1.add", 7),
        ("lenet5", "c1", 3),
        ("tiny_vgg", "output", 2),
    ],
)
def test_they_are_the_largest_values_of_the_gallery(key: str, layer: str, channel: int) -> None:
    loaded = load_model(key)
    pictures = sample_pictures(loaded)[:8]
    found = best_moments(loaded, layer, channel, pictures, k=5)
    values = {}
    for picture in pictures:
        recorded = trace(loaded.model, loaded.preprocessing.apply(picture.load()))
        plane = maps(recorded[layer])[channel]
        values[picture.name] = float(plane.max())
        for moment in found:
            if moment.picture == picture.name:
                assert float(plane[moment.y, moment.x]) == pytest.approx(moment.value, rel=1e-5, abs=1e-6)
                field = receptive_field(recorded, recorded[layer], moment.y, moment.x)
                height, width = loaded.preprocessing.size
                for low, high, size, start, end in (
                    (moment.box[0], moment.box[2], height, field.box[0], field.box[2]),
                    (moment.box[1], moment.box[3], width, field.box[1], field.box[3]),
                ):
                    assert (low, high) == ((start, end) if end - start < size else (0, size))
    best = sorted(values.values(), reverse=True)[:5]
    assert [moment.value for moment in found] == pytest.approx(best, rel=1e-5)
    assert len({moment.picture for moment in found}) == 5


def test_the_patch_holds_what_the_unit_sees() -> None:
    """Outside of the patch the picture may change as it likes: the unit's value stays."""
    loaded = load_model("tiny_vgg")
    layer, channel = "conv_2_1", 4
    for moment in best_moments(loaded, layer, channel, sample_pictures(loaded)[:4], k=4):
        image = loaded.preprocessing.apply(sample(moment.picture).load())
        top, left, bottom, right = (max(0, edge) for edge in moment.box)
        noise = torch.rand_like(image)
        noise[..., top:bottom, left:right] = image[..., top:bottom, left:right]
        other = maps(trace(loaded.model, noise)[layer])[channel, moment.y, moment.x]
        assert float(other) == pytest.approx(moment.value, rel=1e-4)
        assert moment.patch.shape == (moment.box[2] - moment.box[0], moment.box[3] - moment.box[1], 3)


def test_one_pass_serves_all_channels() -> None:
    loaded = load_model("tiny_vgg")
    pictures = sample_pictures(loaded)[:4]
    at = peaks(loaded, "relu_1_2", pictures)
    for channel in (0, 5, 9):
        mine = best_moments(loaded, "relu_1_2", channel, pictures, k=3, found=at)
        alone = best_moments(loaded, "relu_1_2", channel, pictures, k=3)
        assert [(m.picture, m.value, m.y, m.x) for m in mine] == [
            (m.picture, m.value, m.y, m.x) for m in alone
        ]


def test_a_crop_beyond_the_edge_is_grey() -> None:
    picture = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    cut = crop(picture, (-1, 3, 2, 7))
    assert cut.shape == (3, 4, 3)
    assert np.array_equal(cut[1:, :2], picture[:2, 3:])
    assert (cut[0] == 128).all()
    assert (cut[:, 2:] == 128).all()
    assert (crop(picture, (10, 10, 12, 12)) == 128).all()


def test_pictures_that_cannot_be_read_are_skipped_and_said() -> None:
    loaded = load_model("lenet5")

    def broken() -> Image.Image:
        raise ReaderError("The file {name} is empty. Choose a picture file.", name="bad.png")

    bad, good = Picture("bad.png", broken), sample_pictures(loaded)[0]
    found = peaks(loaded, "c1", [bad, good])
    assert found.read == (1,)
    assert best_moments(loaded, "c1", 0, [bad, good], found=found)[0].picture == good.name
    assert ["bad.png" in str(error) for error in found.skipped] == [True]
    with pytest.raises(ReaderError, match=r"bad\.png is empty"):
        peaks(loaded, "c1", [bad])
    with pytest.raises(ReaderError, match="None of the pictures"):
        peaks(loaded, "c1", [bad, bad])
    for layer, channel, words in (("c1", 6, "counts from 0 to 5"), ("c9", 0, "no operation")):
        with pytest.raises(ReaderError, match=words):
            best_moments(loaded, layer, channel, [good])


def test_progress_and_cancel() -> None:
    loaded = load_model("lenet5")
    pictures = sample_pictures(loaded)[:3]
    told: list[tuple[int, int]] = []
    peaks(loaded, "c1", pictures, progress=lambda *at: told.append(at))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def enough(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        peaks(loaded, "c1", pictures, progress=enough)
