"""YOLOX: sizes of the published family, the numbers of published weights, decoding by hand."""

import onnxruntime
import pytest
import torch

from explainer.detection.published import load_onnx
from explainer.detection.yolox import build_yolox, cells, decode, letterbox
from explainer.tracing import trace


@pytest.mark.parametrize(
    ("name", "millions"), [("yolox_nano", 0.91), ("yolox_tiny", 5.06), ("yolox_s", 8.97)]
)
def test_parameters_are_those_of_the_paper(name, millions):
    count = sum(parameter.numel() for parameter in build_yolox(name).parameters())
    assert round(count / 1e6, 2) == millions


def test_published_weights_give_the_numbers_of_onnxruntime(data_folder):
    path = data_folder / "weights" / "yolox_nano.onnx"
    model = load_onnx(path, build_yolox("yolox_nano"))
    images = torch.randint(0, 256, (1, 3, 416, 416), generator=torch.Generator().manual_seed(0)).float()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (published,) = session.run(None, {session.get_inputs()[0].name: images.numpy()})
    with torch.no_grad():
        ours = model(images)
    ours[..., 4:] = ours[..., 4:].sigmoid()
    assert ours.shape == (1, 3549, 85)
    assert (ours - torch.from_numpy(published)).abs().max() < 5e-4


def test_cells_come_row_by_row_the_finest_grid_first():
    places, strides = cells(64, 96)
    assert len(places) == 8 * 12 + 4 * 6 + 2 * 3
    assert places[13].tolist() == [1, 1]  # the second cell of the second row of twelve
    assert strides[[0, 95, 96, 120, 125], 0].tolist() == [8, 8, 16, 32, 32]


def test_a_box_worked_out_by_hand():
    # Cell (3, 2) of stride 16: centre (3.5 * 16, 2.25 * 16) = (56, 36), size 16 * e^0 by 16 * e^ln2.
    raw = torch.tensor([[0.5, 0.25, 0.0, 0.6931472, 9.0, 9.0]])
    box = decode(raw, torch.tensor([[3.0, 2.0]]), torch.tensor([[16.0]]))
    torch.testing.assert_close(box, torch.tensor([[48.0, 20.0, 64.0, 52.0]]))


def test_the_letterbox_is_at_the_top_left_and_grey():
    canvas, factor = letterbox(torch.full((3, 100, 200), 7.0), (64, 64))
    assert factor == pytest.approx(0.32)
    assert (canvas[:, :32] == 7).all()
    assert (canvas[:, 32:] == 114).all()


def test_the_network_can_be_traced():
    model = build_yolox("yolox_nano", 3).eval().requires_grad_(False)
    traced = trace(model, torch.zeros(1, 3, 64, 64))
    assert traced.nodes[-1].output.shape == (1, 84, 8)
    assert traced["head.obj_preds.2"].output.shape == (1, 1, 2, 2)
