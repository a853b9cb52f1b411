"""Downloads against a real server on this machine, with everything that goes wrong on real networks."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from explainer.errors import ReaderError
from explainer.models.weights import checkpoint_folder, fetch, sha256_in

BYTES = np.random.default_rng(0).bytes(3_000_000)
SHA = hashlib.sha256(BYTES).hexdigest()
NAME = f"net-{SHA[:8]}.pth"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        with server.lock:
            server.requests.append((self.path, self.headers.get("Range")))
            wrong = server.wrong > 0
            server.wrong -= wrong
            broken = server.broken > 0
            server.broken -= broken
        if self.path.startswith("/redirect/"):
            self.send_response(302)
            self.send_header("Location", "/plain/" + self.path.rsplit("/", 1)[1])
            self.send_header("X-Linked-ETag", f'"{server.etag}"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.startswith("/missing/"):
            self.send_error(404)
            return
        body, start = BYTES[::-1] if wrong else BYTES, 0
        wanted = self.headers.get("Range")
        if wanted and not self.path.startswith("/noresume/"):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        half = (start + len(body)) // 2
        if broken:
            self.wfile.write(body[start:half])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(body[start:])


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.lock, server.requests, server.wrong, server.broken, server.etag = threading.Lock(), [], 0, 0, SHA
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def left(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_download_arrives_whole_and_only_once(server, tmp_path):
    seen = []
    path = fetch(f"{server.url}/plain/{NAME}", folder=tmp_path, progress=lambda *now: seen.append(now))
    assert path == tmp_path / NAME
    assert path.read_bytes() == BYTES
    done = [now for now, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (len(BYTES), len(BYTES))
    assert len(seen) > 5
    assert left(tmp_path) == [NAME]
    assert fetch(f"{server.url}/plain/{NAME}", folder=tmp_path) == path
    assert len(server.requests) == 1


def test_a_broken_connection_is_resumed_where_it_broke(server, tmp_path):
    server.broken = 1
    with pytest.raises(ReaderError) as caught:
        fetch(f"{server.url}/plain/{NAME}", folder=tmp_path)
    assert "could not be downloaded" in str(caught.value)
    assert left(tmp_path) == [NAME + ".part"]  # a half file never has the final name
    half = (tmp_path / (NAME + ".part")).stat().st_size
    assert 0 < half < len(BYTES)
    seen = []
    path = fetch(f"{server.url}/plain/{NAME}", folder=tmp_path, progress=lambda *now: seen.append(now))
    assert path.read_bytes() == BYTES
    assert server.requests[-1] == (f"/plain/{NAME}", f"bytes={half}-")
    assert seen[0][0] > half
    assert seen[-1] == (len(BYTES), len(BYTES))
    assert left(tmp_path) == [NAME]


def test_a_server_that_cannot_resume_sends_it_again(server, tmp_path):
    (tmp_path / (NAME + ".part")).write_bytes(BYTES[:1_000_000])
    assert fetch(f"{server.url}/noresume/{NAME}", folder=tmp_path).read_bytes() == BYTES


def test_a_half_of_something_else_is_thrown_away(server, tmp_path):
    (tmp_path / (NAME + ".part")).write_bytes(b"x" * 1_000_000)
    assert fetch(f"{server.url}/plain/{NAME}", folder=tmp_path).read_bytes() == BYTES
    assert [wanted for _, wanted in server.requests] == ["bytes=1000000-", None]


@pytest.mark.parametrize("length", [3_000_000, 3_500_000])
def test_a_part_that_is_already_whole_or_too_long(server, tmp_path, length):
    (tmp_path / (NAME + ".part")).write_bytes((BYTES + b"y" * 500_000)[:length])
    assert fetch(f"{server.url}/plain/{NAME}", folder=tmp_path).read_bytes() == BYTES


def test_without_any_checksum_halves_are_not_joined(server, tmp_path):
    (tmp_path / "net.pth.part").write_bytes(b"x" * 1_000_000)
    assert fetch(f"{server.url}/plain/net.pth", folder=tmp_path).read_bytes() == BYTES
    (tmp_path / "net.pth").unlink()
    (tmp_path / "net.pth.part").write_bytes(b"x" * 3_000_000)
    assert fetch(f"{server.url}/plain/net.pth", folder=tmp_path).read_bytes() == BYTES


def test_wrong_bytes_never_stay(server, tmp_path):
    server.wrong = 5
    with pytest.raises(ReaderError) as caught:
        fetch(f"{server.url}/plain/{NAME}", folder=tmp_path)
    assert "checksum" in str(caught.value)
    assert left(tmp_path) == []


def test_a_damaged_file_in_the_cache_is_replaced(server, tmp_path):
    (tmp_path / NAME).write_bytes(BYTES[:-1])
    assert fetch(f"{server.url}/plain/{NAME}", folder=tmp_path).read_bytes() == BYTES


def test_the_checksum_that_hugging_face_states_is_used(server, tmp_path):
    path = fetch(f"{server.url}/redirect/model.safetensors", name="m.safetensors", folder=tmp_path)
    assert path.read_bytes() == BYTES
    path.unlink()
    server.etag = "0" * 64
    with pytest.raises(ReaderError, match="checksum"):
        fetch(f"{server.url}/redirect/model.safetensors", name="m.safetensors", folder=tmp_path)
    assert left(tmp_path) == []


def test_missing_and_offline_say_what_to_do(server, tmp_path):
    address = f"{server.url}/missing/{NAME}"
    with pytest.raises(ReaderError) as caught:
        fetch(address, folder=tmp_path)
    for words in (NAME, address, str(tmp_path / NAME), "Not Found", "untrained"):
        assert words in str(caught.value)
    nobody = "http://127.0.0.1:9/net-00000000.pth"  # the discard port: nothing listens
    with pytest.raises(ReaderError, match="random weights, marked as untrained"):
        fetch(nobody, folder=tmp_path)
    assert left(tmp_path) == []


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReaderError, match="TORCH_HOME"):
        fetch(f"{server.url}/plain/{NAME}", folder=tmp_path / "file")


def test_sessions_that_want_the_same_file_download_it_once(server, tmp_path):
    with ThreadPoolExecutor(6) as pool:
        paths = list(pool.map(lambda _: fetch(f"{server.url}/plain/{NAME}", folder=tmp_path), range(6)))
    assert set(paths) == {tmp_path / NAME}
    assert (tmp_path / NAME).read_bytes() == BYTES
    assert len(server.requests) == 1


def test_a_reader_who_leaves_midway_leaves_only_a_part(server, tmp_path):
    class GoneError(BaseException):
        pass

    def leave(done, total):
        raise GoneError

    with pytest.raises(GoneError):
        fetch(f"{server.url}/plain/{NAME}", folder=tmp_path, progress=leave)
    assert left(tmp_path) == [NAME + ".part"]
    assert fetch(f"{server.url}/plain/{NAME}", folder=tmp_path).read_bytes() == BYTES


def test_names_and_folder(monkeypatch, tmp_path):
    assert sha256_in("resnet50-11ad3fa6.pth") == "11ad3fa6"
    assert sha256_in("timm--repvgg_a0.rvgg_in1k.safetensors") == ""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert checkpoint_folder() == tmp_path / "hub" / "checkpoints"
