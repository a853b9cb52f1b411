"""Readers' photos by class, kept while the server runs. Two tabs of a reader may change them at once."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

MOST = 200
"""Photos of a reader."""
MOST_CLASSES = 20


@dataclass(frozen=True)
class Photo:
    """One of them, as a JPEG."""

    key: str
    jpeg: bytes

    def open(self) -> Image.Image:
        """Return it as RGB."""
        return Image.open(io.BytesIO(self.jpeg)).convert("RGB")


Classes = Mapping[str, tuple[Photo, ...]]
"""Photos by the name of their class, in the order in which classes were begun."""


class Album:
    """The photos of one reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._classes: dict[str, tuple[Photo, ...]] = {}

    def classes(self) -> Classes:
        """Return the photos by class, as they are now."""
        with self._lock:
            return dict(self._classes)

    def add_class(self, name: str) -> None:
        """Begin a class, if it is new and there are not too many."""
        with self._lock:
            if name and len(self._classes) < MOST_CLASSES:
                self._classes.setdefault(name, ())

    def remove_class(self, name: str) -> None:
        """Drop a class that has no photos; another tab may just have taken one."""
        with self._lock:
            if not self._classes.get(name):
                self._classes.pop(name, None)

    def add(self, name: str, photo: Photo) -> None:
        """Take a photo in, if its class is still there and there are not too many."""
        with self._lock:
            if name in self._classes and sum(map(len, self._classes.values())) < MOST:
                self._classes[name] += (photo,)

    def remove(self, name: str, key: str) -> None:
        """Drop a photo of a class."""
        with self._lock:
            if name in self._classes:
                self._classes[name] = tuple(one for one in self._classes[name] if one.key != key)


class Albums:
    """The albums of the readers who came last."""

    def __init__(self, readers: int = 50) -> None:
        self._lock = threading.Lock()
        self._readers = readers
        self._albums: OrderedDict[str, Album] = OrderedDict()

    def of(self, reader: str) -> Album:
        """Return the album of a reader; the one that was asked for the longest ago makes room."""
        with self._lock:
            album = self._albums.setdefault(reader, Album())
            self._albums.move_to_end(reader)
            while len(self._albums) > self._readers:
                self._albums.popitem(last=False)
            return album
