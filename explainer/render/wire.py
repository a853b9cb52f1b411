"""Binary frames for the browser: a JSON header whose arrays are views into the bytes behind it."""

from __future__ import annotations

import json
import math
import struct
from functools import partial
from typing import Any

import numpy as np
import torch

_TYPES = {"uint8": "u8", "float32": "f32", "int32": "i32"}


def pack(header: dict[str, Any]) -> bytes:
    """Pack a header and the arrays in it into one frame.

    Arrays (numpy or torch; uint8, int32 or floating point, sent as float32) may stand anywhere in the header.
    A frame is the u32 little-endian length of the JSON header, the header padded so that the payload starts
    8-byte aligned, and the arrays, each padded to 8 bytes. In JSON an array is
    ``{"$": byte offset, "t": type, "n": number of elements}``.
    """
    buffers: list[bytes] = []
    offset = 0

    def reference(value: Any) -> Any:
        """Stand in for what JSON does not know: an array, or one of numpy's numbers."""
        nonlocal offset
        if isinstance(value, torch.Tensor):
            value = value.detach().contiguous().numpy()
        if isinstance(value, np.generic):
            return _finite(value.item())
        if not isinstance(value, np.ndarray):
            raise TypeError(f"a frame cannot carry {type(value).__name__}")
        if np.issubdtype(value.dtype, np.floating):
            value = value.astype(np.float32, copy=False)
        raw = np.ascontiguousarray(value).tobytes()
        found = {"$": offset, "t": _TYPES[value.dtype.name], "n": int(value.size)}
        padding = -len(raw) % 8
        buffers.extend((raw, b"\0" * padding))
        offset += len(raw) + padding
        return found

    write = partial(json.dumps, default=reference, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    try:
        text = write(header)
    except ValueError:  # some number is not finite; looking for it first would cost more than all the rest
        buffers.clear()
        offset = 0
        text = write(_finite(header))
    encoded = text.encode()
    encoded += b" " * (-(len(encoded) + 4) % 8)
    return b"".join([struct.pack("<I", len(encoded)), encoded, *buffers])


def _finite(value: Any) -> Any:
    """Return the header with null for numbers that JSON has no word for; arrays carry them as they are."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def unpack(frame: bytes) -> dict[str, Any]:
    """Read a frame back: the inverse of ``pack``, for tests and tools."""
    (length,) = struct.unpack_from("<I", frame)
    body = memoryview(frame)[4 + length :]
    names = {short: long for long, short in _TYPES.items()}

    def decode(value: Any) -> Any:
        if isinstance(value, list):
            return [decode(part) for part in value]
        if isinstance(value, dict):
            if "$" in value:
                return np.frombuffer(body, names[value["t"]], value["n"], value["$"])
            return {name: decode(part) for name, part in value.items()}
        return value

    result: dict[str, Any] = decode(json.loads(frame[4 : 4 + length]))
    return result
