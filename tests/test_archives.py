"""Zips of every kind: the right pictures, and a sentence for each that is left out."""

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from explainer import archives
from explainer.archives import read_files, read_folder, read_zip
from explainer.errors import ReaderError


def png(shade: int = 0, size: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), (shade, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def reasons(skipped) -> dict[str, str]:
    return {error.values["name"]: str(error) for error in skipped}


def test_pictures_come_in_the_order_of_their_names():
    found = read_zip(packed({"b.png": png(2), "a/c.PNG": png(1), "a/": b""}))
    assert [one.name for one in found.pictures] == ["a/c.PNG", "b.png"]
    assert [np.asarray(one.load())[0, 0, 0] for one in found.pictures] == [1, 2]
    assert not found.skipped


def test_names_that_point_elsewhere_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = read_zip(packed({"../../evil.png": png(1), "/etc/evil.png": png(2), "C:\\evil.png": png(3)}))
    assert len(found.pictures) == 3
    assert all(one.load().size == (4, 4) for one in found.pictures)
    assert list(tmp_path.rglob("*")) == []


def test_what_is_left_out_is_said():
    files = {
        "good.png": png(),
        "notes.txt": b"hello",
        "inner.zip": packed({"a.png": png()}),
        "__MACOSX/._good.png": b"x",
        ".DS_Store": b"x",
        "huge.png": b"\0" * (archives.LARGEST_FILE + 1),
    }
    found = read_zip(packed(files))
    assert [one.name for one in found.pictures] == ["good.png"]
    said = reasons(found.skipped)
    assert said.keys() == {"notes.txt", "inner.zip", "huge.png"}
    assert "not a picture" in said["notes.txt"]
    assert "archives within archives" in said["inner.zip"]
    assert "more than 20 MB" in said["huge.png"]


def test_a_damaged_picture_is_said_when_it_is_looked_at():
    found = read_zip(packed({"bad.png": b"not a picture at all"}))
    with pytest.raises(ReaderError, match="is not a picture"):
        found.pictures[0].load()


def test_a_damaged_entry_is_said():
    data = packed({"a.png": png(7, 64)}, zipfile.ZIP_STORED)
    at = data.index(b"IDAT") + 10
    found = read_zip(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    with pytest.raises(ReaderError, match="damaged"):
        found.pictures[0].load()


def test_an_entry_that_lies_about_its_size_cannot_unpack_to_more():
    data = bytearray(packed({"a.png": b"\0" * 5_000_000}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 100)  # its size once unpacked
    found = read_zip(bytes(data))
    with pytest.raises(ReaderError):
        found.pictures[0].load()


def test_limits_on_count_and_sum(monkeypatch):
    files = {f"{number:03}.png": png() for number in range(6)}
    monkeypatch.setattr(archives, "MOST_PICTURES", 4)
    found = read_zip(packed(files))
    assert len(found.pictures) == 4
    assert list(reasons(found.skipped)) == ["004.png", "005.png"]
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 2 * len(png()))
    assert len(read_zip(packed(files)).pictures) == 2


def test_archives_that_cannot_be_used(monkeypatch):
    locked = bytearray(packed({"a.png": png()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    for data, words in (
        (b"", "no zip"),
        (b"PK\x03\x04 nonsense", "no zip"),
        (packed({"a.png": png()})[:-30], "no zip"),
        (packed({}), "no picture"),
        (packed({"readme.md": b"x"}), "not a picture"),
        (packed({"a.png": png()}, zipfile.ZIP_LZMA), "unusual way"),
        (bytes(locked), "password"),
    ):
        with pytest.raises(ReaderError, match=words):
            read_zip(data, "it")
    monkeypatch.setattr(archives, "MOST_ENTRIES", 2)
    with pytest.raises(ReaderError, match="more than 2 files"):
        read_zip(packed({f"{number}.png": png() for number in range(3)}))
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 10)
    with pytest.raises(ReaderError, match="larger than"):
        read_zip(packed({"a.png": png()}))


def test_files_and_zips_together():
    found = read_files([("one.png", png(1)), ("many.zip", packed({"two.png": png(2)})), ("bad.zip", b"PK")])
    assert [one.name for one in found.pictures] == ["one.png", "two.png"]
    assert reasons(found.skipped).keys() == {"bad.zip"}
    with pytest.raises(ReaderError, match="no zip"):
        read_files([("bad.zip", b"PK")])
    with pytest.raises(ReaderError, match=r"no picture in one.zip, two.zip\."):
        read_files((name, packed({})) for name in ("one.zip", "two.zip"))


def test_a_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").write_bytes(png(9))
    (tmp_path / "b.txt").write_text("x")
    found = read_folder(tmp_path)
    assert [one.name for one in found.pictures] == ["sub/a.png"]
    assert np.asarray(found.pictures[0].load())[0, 0, 0] == 9
    (tmp_path / "sub" / "a.png").unlink()
    with pytest.raises(ReaderError, match="no picture"):
        read_folder(tmp_path)
