"""Published weights on this machine: fetched once, resumed, verified, put in place in one step."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from explainer.errors import ReaderError

Progress = Callable[[int, int | None], None]
"""Told the bytes that are here and the bytes in all (``None`` where the server does not say)."""


class MissingWeightsError(ReaderError):
    """Published weights cannot be had: they are not on this machine, or nobody has published any.

    Fields: ``file``, ``reason``, ``url`` and ``path`` where they could not be downloaded, else ``key``.
    """


_CHUNK = 1 << 18
_SILENCE = 30.0
"""Seconds without a byte after which a connection counts as broken."""
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")

_OFFLINE = (
    "The weights {file} are not on this machine and could not be downloaded ({reason}). "
    "Connect to the internet and try again, or download {url} elsewhere and put it at {path}. "
    "Until then the network can be opened with random weights, marked as untrained."
)
_DAMAGED = (
    "The weights {file} arrived damaged from {url} (the checksum is wrong) and were removed. "
    "Try again, or download the file elsewhere and put it at {path}."
)
_NO_ROOM = "The weights {file} could not be written to {path} ({reason}). Free some space or set TORCH_HOME."


def checkpoint_folder() -> Path:
    """Return the folder that PyTorch itself keeps downloaded weights in (``TORCH_HOME`` moves it)."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def sha256_in(name: str) -> str:
    """Return the start of the SHA-256 that PyTorch's file names carry: ``"resnet50-11ad3fa6.pth"``."""
    found = _HASH_IN_NAME.search(name)
    return found.group(1) if found else ""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(
    url: str,
    *,
    name: str | None = None,
    sha256: str | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> Path:
    """Return the local path of a published file, downloading it first where it is missing.

    The bytes go to ``<name>.part``, which a broken connection leaves behind and the next call continues.
    Only a complete file whose checksum is right is renamed to ``<name>``. Of several sessions or processes
    that want one file, one downloads and the others wait and watch.

    Args:
        url: where it is published.
        name: file name to keep it under; by default the last part of the address.
        sha256: its SHA-256 or the beginning of it; by default what the name carries, else what the server
            states (Hugging Face does). Where nobody states one, a half file is not continued but begun anew.
        progress: called after every chunk.
        folder: where to keep it; by default PyTorch's own folder.

    Raises:
        ReaderError: with what is missing, from where, and where to put it by hand.
    """
    folder = folder or checkpoint_folder()
    path = folder / (name or url.rsplit("/", 1)[-1])
    sha256 = sha256_in(path.name) if sha256 is None else sha256
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(path, progress):
            if _is_there(path, sha256):
                return path
            download = _Download(url, path, sha256, progress)
            # A half file may be of an older upload: one fresh start before giving up.
            if not (download.run() or (download.resumed and download.run())):
                raise ReaderError(_DAMAGED, file=path.name, url=url, path=path)
    except (http.client.HTTPException, urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise MissingWeightsError(_OFFLINE, file=path.name, reason=reason, url=url, path=path) from error
    except OSError as error:
        raise ReaderError(_NO_ROOM, file=path.name, path=path, reason=error.strerror or error) from error
    return path


def _is_there(path: Path, sha256: str) -> bool:
    """Tell whether the final file can be used; one with the wrong checksum is removed."""
    if not path.is_file():
        return False
    if sha256_of(path).startswith(sha256):
        return True
    path.unlink()
    return False


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


class _only_one:  # noqa: N801 (used as a context manager function)
    """Hold the file's lock; while somebody else downloads, pass on how far that is."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self.path, self.progress = path, progress
        self.lock = FileLock(str(path) + ".lock", thread_local=False)

    def __enter__(self) -> None:
        while True:
            try:
                self.lock.acquire(timeout=0.2)
                return
            except Timeout:
                if self.progress and (part := _part(self.path)).exists():
                    self.progress(part.stat().st_size, None)

    def __exit__(self, *_: object) -> None:
        self.lock.release()


class _KeepDigest(urllib.request.HTTPRedirectHandler):
    """Follow redirects, remembering the checksum that Hugging Face states before it redirects."""

    digest = ""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        self.digest = self.digest or _stated_digest(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _stated_digest(headers: Any) -> str:
    tag = (headers.get("X-Linked-ETag") or "").strip('W/"')
    return tag if re.fullmatch("[0-9a-f]{64}", tag) else ""


class _Download:
    """One download: ``run`` once, and once more if what it continued turned out to be wrong."""

    def __init__(self, url: str, path: Path, sha256: str, progress: Progress | None) -> None:
        self.url, self.path, self.sha256, self.progress = url, path, sha256, progress
        self.part = _part(path)
        self.resumed = False

    def run(self) -> bool:
        """Fetch what is missing and put the file in place; ``False`` (and nothing left) if it is wrong."""
        start = self.part.stat().st_size if self.part.exists() else 0
        response, digest = self._open(start)
        if start and (response is None or response.status == 206) and not (self.sha256 or digest):
            if response is not None:
                response.close()
            response, digest = self._open(0)  # nothing could tell whether the two halves belong together
        if response is not None:
            with response:
                self._save(response, start if response.status == 206 else 0)
        digest = self.sha256 or digest
        if sha256_of(self.part).startswith(digest):
            os.replace(self.part, self.path)
            return True
        self.part.unlink()
        return False

    def _open(self, start: int) -> tuple[Any, str]:
        """Ask for the bytes from ``start`` on; no response (``None``) where there are none left."""
        keeper = _KeepDigest()
        request = urllib.request.Request(self.url, headers={"User-Agent": "ConvScope"})
        if start:
            request.add_header("Range", f"bytes={start}-")
        self.resumed = start > 0
        try:
            response = urllib.request.build_opener(keeper).open(request, timeout=_SILENCE)
        except urllib.error.HTTPError as error:
            if error.code == 416 and start:  # the half file is the whole file, or longer than it
                return None, keeper.digest or _stated_digest(error.headers)
            raise
        return response, keeper.digest or _stated_digest(response.headers)

    def _save(self, response: Any, start: int) -> None:
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else None
        done = start
        file: IO[bytes]
        with self.part.open("ab" if start else "wb") as file:
            while chunk := _read(response):
                file.write(chunk)
                done += len(chunk)
                if self.progress:
                    self.progress(done, total)
        if total is not None and done != total:
            raise ConnectionError(f"the connection broke off after {done} of {total} bytes")


def _read(response: Any) -> bytes:
    """Read on; whatever breaks the connection is a ``ConnectionError``, unlike a full disk."""
    try:
        return response.read(_CHUNK)
    except OSError as error:
        raise ConnectionError(str(error)) from error
