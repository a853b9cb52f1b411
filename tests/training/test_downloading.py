"""A download that fails, and one that is given up; the network is a proxy on this machine."""

import socket
import threading

import pytest

from explainer.errors import Cancelled, ReaderError
from explainer.training.downloading import download
from explainer.training.published import PUBLISHED_SETS

pytestmark = pytest.mark.slow


@pytest.fixture
def nowhere_else(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def through(monkeypatch, port):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")


def test_without_a_network_it_is_said_what_is_missing(nowhere_else, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # nobody listens there
        through(monkeypatch, probe.getsockname()[1])
        with pytest.raises(ReaderError) as caught:
            download("CIFAR10", lambda done, total: None, nowhere_else)
    assert "CIFAR-10 could not be downloaded to" in str(caught.value)
    assert caught.value.values["title"] == "CIFAR-10"
    assert not [path for path in (nowhere_else / "torchvision").rglob("*") if path.is_file()]


def test_a_download_that_is_given_up_leaves_no_process(nowhere_else, monkeypatch):
    """The proxy takes the connection and says nothing; it sees the process go."""
    asked, gone = threading.Event(), threading.Event()
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        proxy.settimeout(60)

        def serve():
            connection, _ = proxy.accept()
            with connection:
                connection.settimeout(60)
                connection.recv(1)
                asked.set()
                while connection.recv(4096):
                    pass
                gone.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        through(monkeypatch, proxy.getsockname()[1])
        told = []

        def progress(done, total):
            told.append((done, total))
            if asked.is_set():
                raise Cancelled

        with pytest.raises(Cancelled):
            download("CIFAR10", progress, nowhere_else)
        assert gone.wait(30)
        thread.join(30)
    assert set(told) == {(0, PUBLISHED_SETS["CIFAR10"].megabytes)}
