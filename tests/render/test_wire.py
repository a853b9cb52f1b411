"""Frames: what is packed comes out again, aligned."""

import struct

import numpy as np
import pytest
import torch

from explainer.render.wire import pack, unpack


def test_arrays_come_back_wherever_they_stand():
    header = {
        "name": "畳み込み",
        "list": [{"pixels": np.arange(7, dtype=np.uint8)}, 3, None],
        "values": torch.linspace(-1, 1, 5, dtype=torch.float64),
        "index": np.array([3, -4], np.int32),
        "number": np.float32(0.5),
    }

    back = unpack(pack(header))

    assert back["name"] == "畳み込み"
    assert back["list"][0]["pixels"].tolist() == list(range(7))
    assert back["list"][1:] == [3, None]
    assert back["values"].dtype == np.float32
    assert back["values"].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert back["index"].tolist() == [3, -4]
    assert back["number"] == 0.5


def test_payload_and_every_array_start_at_multiples_of_eight():
    frame = pack({"a": np.zeros(3, np.uint8), "b": np.zeros(5, np.float32), "c": np.zeros(1, np.uint8)})

    (length,) = struct.unpack_from("<I", frame)
    assert (4 + length) % 8 == 0
    assert (len(frame) - 4 - length) % 8 == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_json_has_no_word_for_become_null(value):
    assert unpack(pack({"peak": value}))["peak"] is None


def test_views_that_are_not_contiguous_are_packed_in_their_own_order():
    tensor = torch.arange(12.0).reshape(3, 4)
    assert unpack(pack({"t": tensor.T}))["t"].tolist() == tensor.T.flatten().tolist()
