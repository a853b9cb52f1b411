"""Binary frames for the browser: a JSON header whose arrays are views into the bytes behind it."""

from __future__ import annotations

import json
import struct
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

    def encode(value: Any) -> Any:
        nonlocal offset
        if isinstance(value, torch.Tensor):
            value = value.detach().contiguous().numpy()
        if isinstance(value, np.ndarray):
            if np.issubdtype(value.dtype, np.floating):
                value = value.astype(np.float32, copy=False)
            raw = np.ascontiguousarray(value).tobytes()
            reference = {"$": offset, "t": _TYPES[value.dtype.name], "n": int(value.size)}
            padding = -len(raw) % 8
            buffers.extend((raw, b"\0" * padding))
            offset += len(raw) + padding
            return reference
        if isinstance(value, dict):
            return {str(name): encode(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [encode(part) for part in value]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not np.isfinite(value):
            return None  # JSON has no word for it; the arrays carry such values as they are
        return value

    text = json.dumps(encode(header), ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return b"".join([struct.pack("<I", len(text)), text, *buffers])


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
