"""The one setting of the connection: which STUN and TURN servers help browser and server find each other."""

from __future__ import annotations

import json
import re
from typing import Any

from explainer.errors import ReaderError

SETTING = "CONVSCOPE_ICE_SERVERS"
"""Name of the environment variable."""

_ADDRESS = re.compile(
    r"(?P<scheme>stuns?|turns?):(?:(?P<user>[^:@\s]+):(?P<secret>[^@\s]+)@)?(?P<rest>[^@\s,]+)\Z"
)


def read_ice_servers(text: str) -> list[dict[str, Any]]:
    """Return the servers that a setting names, as browsers and aiortc take them.

    Args:
        text: addresses separated by commas or spaces, with name and password where a server wants them
            (``"stun:stun.example.org:3478, turn:me:secret@turn.example.org:3478"``), or the JSON list that
            ``RTCPeerConnection`` takes as ``iceServers``. Nothing at all means no servers: enough where
            browser and server reach each other directly.

    Raises:
        ReaderError: it is neither.
    """
    text = text.strip()
    if text.startswith("["):
        return _from_json(text)
    return [_server(one) for one in re.split(r"[,\s]+", text) if one]


def _from_json(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("urls") for one in found):
        raise _misread()
    return found


def _server(address: str) -> dict[str, Any]:
    match = _ADDRESS.match(address)
    if match is None:
        raise _misread()
    server: dict[str, Any] = {"urls": f"{match['scheme']}:{match['rest']}"}
    if match["user"]:
        server |= {"username": match["user"], "credential": match["secret"]}
    return server


def _misread() -> ReaderError:
    return ReaderError(
        "The setting {name} cannot be read. It lists addresses such as {example}.",
        name=SETTING,
        example="stun:stun.example.org:3478, turn:name:password@turn.example.org:3478",
    )
