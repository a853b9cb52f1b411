"""Many pictures at once: a zip or several files that a reader brings along, none of them trusted."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from PIL import Image

from explainer.errors import ReaderError
from explainer.images import LARGEST_FILE, read_image

MOST_PICTURES = 500
LARGEST_ARCHIVE = 200_000_000
"""Bytes of a zip as it comes."""
LARGEST_UNPACKED = 1_000_000_000
"""Bytes of all its pictures together once unpacked; they are unpacked one at a time, in memory."""
LARGEST_TEXTS = 50_000_000
"""Bytes of all text files of a zip together once unpacked."""
MOST_ENTRIES = 20_000
"""A listing of millions of entries would fill the memory before any of them is looked at."""
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})

_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    LookupError,
    OverflowError,
    MemoryError,
)
"""What zipfile raises on damaged archives."""
_ENTRY_MARK = b"PK\x01\x02"
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

_UNREADABLE = "The file {name} in the zip cannot be read: it is damaged or protected by a password."
_WORDY = "The text files in {name} unpack to more than {limit} MB. Leave out what is not needed."
_HEAVY = "The zip {name} is larger than {limit} MB. Choose fewer pictures, or save them smaller."
_CROWDED = "The zip {name} lists more than {limit} files. Choose fewer."
_DAMAGED = "The zip {name} is damaged, or no zip. Pack the pictures anew and try again."
_EMPTY = "There is no picture in {name}. Use PNG, JPEG, WebP, BMP, GIF or TIFF files."
_MANY = "{name} was left out: {limit} pictures are the most that are looked at."
_LONG = "{name} was left out: all pictures together unpack to more than {limit} MB."
_BIG = "{name} was left out: it unpacks to more than {limit} MB."
_NESTED = "{name} was left out: archives within archives are not opened."
_OTHER = "{name} was left out: it is not a picture."
_LOCKED = "{name} was left out: it is protected by a password."
_METHOD = "{name} was left out: it is packed in an unusual way. Pack it as an ordinary zip."
_BROKEN_ENTRY = "{name} was left out: this entry of the zip is damaged."


@dataclass(frozen=True)
class Picture:
    """A picture that is not read before it is needed."""

    name: str
    load: Callable[[], Image.Image] = field(repr=False, compare=False)
    """Return it as RGB; ``ReaderError`` if it is damaged or no picture."""


@dataclass(frozen=True)
class Collection:
    """What a reader brought along."""

    pictures: tuple[Picture, ...]
    skipped: tuple[ReaderError, ...]
    """Why each of the others was left out."""


def read_zip(data: bytes, name: str = "", most: int | None = None) -> Collection:
    """List the pictures in a zip. Nothing is written to disk, so names that point elsewhere lead nowhere.

    Args:
        data: the archive's bytes; they stay in memory as long as its pictures do.
        name: what the archive is called in messages.
        most: pictures that are looked at; ``MOST_PICTURES`` where it is not said. A listing may be twice as
            long, since some systems pack a companion of each file.

    Raises:
        ReaderError: it is no zip, is damaged, too large, or holds no picture.
    """
    name = name or "(no name)"
    archive, entries = _listed(data, name, MOST_ENTRIES if most is None else max(MOST_ENTRIES, 2 * most))
    most = MOST_PICTURES if most is None else most
    pictures: list[Picture] = []
    skipped: list[ReaderError] = []
    total = 0
    for entry in entries:
        if _hidden(entry):
            continue
        reason = _refusal(entry, len(pictures), total, most)
        if reason is not None:
            skipped.append(reason)
            continue
        total += entry.file_size
        pictures.append(Picture(entry.filename, partial(_load, archive, entry)))
    if not pictures:
        raise skipped[0] if len(skipped) == 1 else ReaderError(_EMPTY, name=name)
    return Collection(tuple(pictures), tuple(skipped))


def read_texts(data: bytes, suffixes: frozenset[str], name: str = "") -> dict[str, bytes]:
    """Return the text files in a zip that ``read_zip`` has listed, by name: labels, names of classes.

    Args:
        data: the archive's bytes.
        suffixes: how their names end, in small letters: ``{".txt"}``.
        name: what the archive is called in messages.

    Raises:
        ReaderError: it is no zip or is damaged, or they are larger than ``LARGEST_TEXTS`` together.
    """
    archive, entries = _listed(data, name or "(no name)", MOST_ENTRIES)
    texts: dict[str, bytes] = {}
    room = LARGEST_TEXTS
    for entry in entries:
        if _hidden(entry) or PurePosixPath(entry.filename).suffix.lower() not in suffixes:
            continue
        try:
            with archive.open(entry) as stream:
                text = stream.read(room + 1)  # what it says of its size may be wrong
        except _BROKEN as error:
            raise ReaderError(_UNREADABLE, name=entry.filename) from error
        room -= len(text)
        if room < 0:
            raise ReaderError(_WORDY, name=name or "(no name)", limit=LARGEST_TEXTS // 1_000_000)
        texts[entry.filename] = text
    return texts


def _listed(data: bytes, name: str, most: int) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Open a zip and return its entries by name."""
    if len(data) > LARGEST_ARCHIVE:
        raise ReaderError(_HEAVY, name=name, limit=LARGEST_ARCHIVE // 1_000_000)
    if data.count(_ENTRY_MARK) > most:
        raise ReaderError(_CROWDED, name=name, limit=most)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        return archive, sorted(archive.infolist(), key=lambda entry: entry.filename)
    except _BROKEN as error:
        raise ReaderError(_DAMAGED, name=name) from error


def read_files(files: Iterable[tuple[str, bytes]]) -> Collection:
    """List pictures given one by one, and those in the zips among them.

    Args:
        files: name and bytes of each.

    Raises:
        ReaderError: none of them is a picture or a zip of pictures.
    """
    pictures: list[Picture] = []
    skipped: list[ReaderError] = []
    names = []
    for name, data in files:
        names.append(name)
        if data[:2] == b"PK" or PurePosixPath(name).suffix.lower() == ".zip":
            try:
                found = read_zip(data, name)
            except ReaderError as error:
                skipped.append(error)
                continue
            pictures += found.pictures
            skipped += found.skipped
        else:
            pictures.append(Picture(name, partial(read_image, data, name)))
    skipped += [ReaderError(_MANY, name=one.name, limit=MOST_PICTURES) for one in pictures[MOST_PICTURES:]]
    if not pictures:
        raise skipped[0] if len(skipped) == 1 else ReaderError(_EMPTY, name=", ".join(names))
    return Collection(tuple(pictures[:MOST_PICTURES]), tuple(skipped))


def read_folder(folder: Path, most: int | None = None) -> Collection:
    """List the pictures in a folder and those below it, for scripts and notebooks.

    Args:
        folder: where they are.
        most: pictures that are looked at; ``MOST_PICTURES`` where it is not said.

    Raises:
        ReaderError: there is none.
    """
    most = MOST_PICTURES if most is None else most
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise ReaderError(_EMPTY, name=str(folder))
    names = [str(path.relative_to(folder)) for path in files]
    pictures = [
        Picture(name, partial(_load_file, path, name)) for name, path in zip(names, files, strict=True)
    ]
    skipped = [ReaderError(_MANY, name=name, limit=most) for name in names[most:]]
    return Collection(tuple(pictures[:most]), tuple(skipped))


def _hidden(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder or what an operating system adds of its own."""
    path = PurePosixPath(entry.filename)
    return entry.is_dir() or "__MACOSX" in path.parts or path.name.startswith(".") or path.name == "Thumbs.db"


def _refusal(entry: zipfile.ZipInfo, count: int, total: int, most: int) -> ReaderError | None:
    """Return why an entry is not even looked into."""
    name, suffix = entry.filename, PurePosixPath(entry.filename).suffix.lower()
    if suffix in {".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz"}:
        return ReaderError(_NESTED, name=name)
    if suffix not in SUFFIXES:
        return ReaderError(_OTHER, name=name)
    if entry.flag_bits & _ENCRYPTED:
        return ReaderError(_LOCKED, name=name)
    if entry.compress_type not in _METHODS:
        return ReaderError(_METHOD, name=name)
    if entry.file_size > LARGEST_FILE:
        return ReaderError(_BIG, name=name, limit=LARGEST_FILE // 1_000_000)
    if count >= most:
        return ReaderError(_MANY, name=name, limit=most)
    if total + entry.file_size > LARGEST_UNPACKED:
        return ReaderError(_LONG, name=name, limit=LARGEST_UNPACKED // 1_000_000)
    return None


def _load(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Image.Image:
    try:
        with archive.open(entry) as stream:
            data = stream.read(LARGEST_FILE + 1)  # what it says of its size may be wrong
    except _BROKEN as error:
        raise ReaderError(_BROKEN_ENTRY, name=entry.filename) from error
    return read_image(data, entry.filename)


def _load_file(path: Path, name: str) -> Image.Image:
    try:
        with path.open("rb") as stream:
            return read_image(stream.read(LARGEST_FILE + 1), name)
    except OSError as error:
        raise ReaderError("The file {name} cannot be read.", name=name) from error
