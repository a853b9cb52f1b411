"""The list of detectors and the thresholds: in the link, loaded once, honest about random weights."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torchvision  # noqa: F401 - what takes long is here before the page is timed
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from explainer.ui.detection.choosing import choose_detector, opened_detector, thresholds

    opened = choose_detector(("yolox",), default="faces_yolox_nano")
    st.session_state["thresholds"] = thresholds(iou=0.5)
    st.session_state["opened"] = opened
    if opened is not None:
        st.session_state["shared"] = opened_detector(opened.key, opened.weights) is opened.detector


def visit(**link: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def test_without_a_link_it_is_the_bundled_one():
    app = visit()
    assert app.session_state["opened"].detector.trained
    assert app.session_state["shared"]
    assert app.session_state["thresholds"] == (0.25, 0.5)
    assert not app.warning
    assert len(app.selectbox[0].options) == 4  # only YOLOX
    assert app.selectbox[0].options[0].startswith("★ ")


def test_the_link_chooses_and_what_is_usual_does_not_stand_there():
    app = visit(score="0.6", iou="0.3", weights="none")
    assert app.session_state["thresholds"] == (0.6, 0.3)
    assert not app.session_state["opened"].detector.trained
    assert "Untrained" in app.markdown[0].value
    app.button(key="trained_detector").click().run()
    assert app.session_state["opened"].detector.trained
    app.select_slider[0].set_value(0.25).run()
    assert "weights" not in app.query_params
    assert "score" not in app.query_params
    assert not app.exception


def test_an_odd_link_is_answered_in_words():
    app = visit(detector="yolo9000", score="7", iou="high", weights="/etc/passwd")
    assert "There is no detector called yolo9000" in app.error[0].value
    assert app.session_state["opened"].key == "faces_yolox_nano"
    assert app.session_state["opened"].weights == "default"
    assert app.session_state["thresholds"] == (0.25, 0.5)


@pytest.fixture
def proxy(tmp_path, monkeypatch):
    """Instead of the internet a server on this machine that has nothing."""

    class Nothing(SimpleHTTPRequestHandler):
        def do_CONNECT(self):
            self.send_error(502)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Nothing, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path / "home"
    server.shutdown()
    server.server_close()
    thread.join()


def test_offline_the_reader_is_told_where_the_file_goes(proxy):
    app = visit(detector="yolox_tiny")
    assert app.session_state["opened"] is None
    assert "yolox_tiny.pth are not on this machine" in app.warning[0].value
    assert str(proxy) in app.warning[0].value.replace("\\", "")
    app.button(key="random-weights").click().run()
    assert not app.exception
    assert app.session_state["opened"].key == "yolox_tiny"
    assert not app.session_state["opened"].detector.trained
