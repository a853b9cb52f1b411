"""Files of weights that readers brought along: kept for the life of a server, within a budget."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from explainer.errors import ReaderError
from explainer.models.preprocessing import Preprocessing
from explainer.wording import later

OWN = "file-"
"""How the identity of a reader's weights begins, where a link names weights."""
LARGEST = 500
"""Megabytes of one file."""
GONE = later(
    "The weights of this link are no longer here: uploaded files are kept until the server restarts or newer "
    "ones need the room. Upload them again."
)
_MOST_TOLD = 2000
"""How many settings are remembered; a few hundred bytes each, more with many class names."""


@dataclass(frozen=True)
class OwnWeights:
    """A reader's file and what the reader said about it."""

    path: Path
    name: str
    """What the reader calls the file."""
    key: str
    """The architecture: a key of the catalogue, or ``"program"``."""
    classes: tuple[str, ...] | None = None
    preprocessing: Preprocessing | None = None


class Shelf:
    """Files by their content, at most ``budget`` bytes of them; the least recently used give way.

    They lie in a folder that only this user may read and that goes with the process. An identity is a hash of
    the file's content and of all that was said about it, 128 bits long: who has not been given it cannot find
    the file, and whoever has it (in a link) can open the network.
    """

    def __init__(self, budget: int = 2 << 30) -> None:
        self.budget = budget
        self._folder = Path(tempfile.mkdtemp(prefix="convscope-"))
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._told: OrderedDict[str, OwnWeights] = OrderedDict()
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def put(self, content: bytes | memoryview) -> Path:
        """Keep a file and return where; the same content is kept once."""
        digest = sha256(content).hexdigest()
        path = self._folder / digest
        with self._lock:
            if digest not in self._sizes:
                self._make_room(len(content))
                path.write_bytes(content)
                self._sizes[digest] = len(content)
            self._sizes.move_to_end(digest)
        return path

    def tell(self, weights: OwnWeights) -> str:
        """Remember what was said about a file, and return the identity that names file and settings."""
        said: dict[str, Any] = asdict(weights) | {"path": weights.path.name}
        identity = OWN + sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
        with self._lock:
            self._told[identity] = weights
            self._told.move_to_end(identity)
            while len(self._told) > _MOST_TOLD:
                self._told.popitem(last=False)
        return identity

    def find(self, identity: str) -> OwnWeights | None:
        """Return what an identity names, which counts as a use; ``None`` if it has given way or never was."""
        with self._lock:
            found = self._told.get(identity)
            if found is None or found.path.name not in self._sizes:
                return None
            self._sizes.move_to_end(found.path.name)
            self._told.move_to_end(identity)
            return found

    def get(self, identity: str) -> OwnWeights:
        """Return what an identity names.

        Raises:
            ReaderError: it is not here any more.
        """
        found = self.find(identity)
        if found is None:
            raise ReaderError(GONE)
        return found

    def _make_room(self, wanted: int) -> None:
        while self._sizes and sum(self._sizes.values()) + wanted > self.budget:
            digest, _ = self._sizes.popitem(last=False)
            (self._folder / digest).unlink(missing_ok=True)


def read_class_names(text: str) -> tuple[str, ...] | None:
    """Return class names in the order of the outputs; ``None`` if the text is blank.

    One name per line; or JSON: a list, ``{"0": "cat", ...}``, or ``{"cat": 0, ...}`` as torchvision's
    ``class_to_idx``.

    Raises:
        ReaderError: JSON that is none of these, or numbers that leave gaps.
    """
    text = text.strip().removeprefix("\ufeff")
    if not text:
        return None
    if text[0] not in "[{":
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReaderError("The class names begin like JSON but are not: {problem}.", problem=error) from error
    if isinstance(found, Mapping):
        found = _by_number(found)
    if not isinstance(found, list) or not all(isinstance(name, str | int | float) for name in found):
        raise ReaderError(_FORMS)
    return tuple(str(name) for name in found)


_FORMS = "Class names are one per line, a JSON list of them, or a JSON object of number and name."


def _by_number(table: Mapping[str, Any]) -> list[Any]:
    if all(type(value) is int for value in table.values()):
        pairs = {value: name for name, value in table.items()}
    elif all(name.isdecimal() for name in table):
        pairs = {int(name): value for name, value in table.items()}
    else:
        raise ReaderError(_FORMS)
    if sorted(pairs) != list(range(len(table))):
        raise ReaderError("The class names must be numbered 0, 1, 2, ... without gaps.")
    return [pairs[number] for number in range(len(pairs))]
