"""The wall of channels: every channel of a layer at once, one of them large with its numbers."""

from __future__ import annotations

from pathlib import Path

from explainer.components.wall import wall

FOLDER = Path(__file__).parent

_show = wall(FOLDER)


def channel_wall(frame: bytes, *, key: str) -> None:
    """Show the wall.

    Args:
        frame: a packed frame with messages (``explainer.render.channel_wall``).
        key: widget key; with the same key new frames reach the wall without a remount.
    """
    _show(frame, key=key)
