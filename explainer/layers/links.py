"""Changes as one line of text, for links: ``scale/conv1/3/2.5;kernel/conv1/0/2/1,0,-1,...``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from explainer.layers.intervention import BiasChange, Change, ChannelChange, KernelChange
from explainer.tracing import Trace

MOST = 32
"""More changes than these are not read from a link."""
_LARGEST = 1e30
"""A number beyond this is not read: PyTorch refuses to write what float32 cannot hold."""


def write_changes(changes: Iterable[Change]) -> str:
    """Return changes as text; names of nodes hold neither a slash nor a semicolon."""
    return ";".join(map(_write, changes))


def read_changes(text: str, other: Callable[[str], Trace | None] = lambda _: None) -> tuple[Change, ...]:
    """Read what ``write_changes`` wrote; what cannot be read is left out.

    Args:
        text: from a link, so it may hold anything.
        other: gives the trace of another picture of this name, from which a channel is taken.
    """
    found = []
    for part in text.split(";")[:MOST]:
        try:
            change = _read(part.split("/"), other)
        except (ValueError, IndexError):
            continue
        if change is not None:
            found.append(change)
    return tuple(found)


def _write(change: Change) -> str:
    if isinstance(change, KernelChange):
        values = ",".join(f"{value:.6g}" for value in change.values)
        return f"kernel/{change.node}/{change.channel}/{change.source}/{values}"
    if isinstance(change, BiasChange):
        return f"bias/{change.node}/{change.channel}/{change.value:.6g}"
    start = f"{change.how}/{change.node}/{change.channel}"
    if change.how == "scale":
        return f"{start}/{change.factor:.6g}"
    if change.how == "channel":
        return f"{start}/{change.source}"
    return f"{start}/{change.picture}" if change.how == "image" else start


def _read(parts: list[str], other: Callable[[str], Trace | None]) -> Change | None:
    how, node, channel = parts[0], parts[1], int(parts[2])
    if how == "kernel":
        return KernelChange(node, channel, int(parts[3]), tuple(map(_number, parts[4].split(","))))
    if how == "bias":
        return BiasChange(node, channel, _number(parts[3]))
    if how == "scale":
        return ChannelChange(node, channel, "scale", _number(parts[3]))
    if how == "channel":
        return ChannelChange(node, channel, "channel", source=int(parts[3]))
    if how == "image":
        trace = other(parts[3])
        return None if trace is None else ChannelChange(node, channel, "image", other=trace, picture=parts[3])
    return ChannelChange(node, channel, how) if how in ("zero", "mean") else None  # type: ignore[arg-type]


def _number(text: str) -> float:
    value = float(text)
    if not abs(value) <= _LARGEST:
        raise ValueError(text)
    return value
