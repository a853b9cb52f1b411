"""The Live camera page without a camera: choices reach the worker, and every trouble has its words."""

import asyncio
import io

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.live.modes import ClassBars, Detection, FeatureMaps, GradCam
from explainer.samples import sample
from scripts.driver import ROOT

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_session(monkeypatch):
    """The stream looks for a browser's session, which an ``AppTest`` does not have."""
    monkeypatch.setattr("streamlit_webrtc.component.get_this_session_info", lambda: None)
    monkeypatch.setattr("streamlit_webrtc.relay.get_global_event_loop", asyncio.new_event_loop)


def visit(**link: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    app.switch_page("pages/live.py")
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def mode_of(app: AppTest):
    """Return what the worker does with frames."""
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app.session_state["live_studio"].worker.mode


def said(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption))


def link(app: AppTest, name: str) -> str:
    value = app.query_params.get(name, "")
    return value if isinstance(value, str) else value[0]


# --- before the camera is on ----------------------------------------------------------------------------


def test_the_page_shows_the_detector_at_work_before_there_is_a_camera():
    app = visit()
    mode = mode_of(app)
    assert isinstance(mode, Detection)
    assert mode.detector.key == "faces_yolox_nano"
    assert (mode.score, mode.iou, mode.only) == (0.25, 0.45, None)
    assert mode.sides == tuple(range(224, mode.detector.side + 1, 32))
    assert not app.session_state["live_studio"].worker.running, "nothing runs without frames"
    assert len(app.get("component_instance")) == 1


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("cam", GradCam), ("maps", FeatureMaps), ("bars", ClassBars)],
    ids=["cam", "maps", "bars"],
)
def test_the_other_modes_work_on_the_bundled_network(mode, kind):
    app = visit(mode=mode)
    assert isinstance(mode_of(app), kind)
    assert mode_of(app).loaded.key == "tiny_vgg"


# --- what is chosen ---------------------------------------------------------------------------------------


def test_thresholds_classes_and_size_reach_the_running_worker():
    app = visit()
    worker = app.session_state["live_studio"].worker
    app.select_slider(key="linked_score").set_value(0.6).run()
    app.select_slider(key="linked_iou").set_value(0.3).run()
    assert (mode_of(app).score, mode_of(app).iou) == (0.6, 0.3)
    app.get("button_group")[-1].set_value([1]).run()
    assert mode_of(app).only == frozenset({1})
    app.selectbox(key="linked_side").set_value("320").run()
    assert mode_of(app).sides == (320,)
    assert [link(app, name) for name in ("score", "iou", "only", "side")] == ["0.6", "0.3", "1", "320"]
    assert app.session_state["live_studio"].worker is worker, "the same stream goes on"


def test_the_link_says_everything():
    mode = mode_of(visit(mode="cam", model="tiny_vgg", at="conv_1_2", **{"class": "3"}))
    assert (mode.layer, mode.class_index) == ("conv_1_2", 3)
    mode = mode_of(visit(score="0.5", iou="0.7", only="0,2", side="256"))
    assert (mode.score, mode.iou, mode.only, mode.sides) == (0.5, 0.7, frozenset({0, 2}), (256,))


def test_layer_and_class_are_chosen_from_lists():
    app = visit(mode="cam")
    assert mode_of(app).layer == "max_pool_2"
    assert mode_of(app).class_index is None
    app.selectbox(key="live_layer").set_value("relu_1_1").run()
    app.selectbox(key="live_class").set_value(5).run()
    assert (mode_of(app).layer, mode_of(app).class_index) == ("relu_1_1", 5)
    assert (link(app, "at"), link(app, "class")) == ("relu_1_1", "5")
    app.selectbox(key="live_class").set_value(-1).run()
    assert mode_of(app).class_index is None
    assert link(app, "class") == ""


def test_odd_links_do_no_harm():
    odd = {"mode": "dance", "source": "satellite", "score": "7", "iou": "x", "only": "9,-1,a", "side": "1"}
    mode = mode_of(visit(**odd))
    assert (mode.score, mode.iou, mode.only) == (0.25, 0.45, None)
    assert len(mode.sides) > 1
    mode = mode_of(visit(mode="maps", at="conv_99/3/1,1", **{"class": "12345"}))
    assert mode.layer == "relu_1_1"


def test_a_network_that_cannot_be_had_leaves_the_stream_as_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    app = visit()
    before = app.session_state["live_studio"].worker.mode
    app.selectbox(key="detector").set_value("yolox_tiny").run()
    assert app.warning, "the reader is told why"
    assert app.get("component_instance"), "the stream is still on the page"
    assert app.session_state["live_studio"].worker.mode is before


# --- without a camera -------------------------------------------------------------------------------------


def test_a_picture_goes_through_the_same_mode_and_on_to_other_pages():
    app = visit(source="picture", mode="bars", image="coffee")
    assert "espresso" in said(app)
    app.button(key="live-still-network").click().run()
    own = app.session_state["own_pictures"]
    assert len(own) == 1
    (key,) = own
    assert key.startswith("own-")
    assert np.array_equal(np.asarray(own[key].image), np.asarray(sample("coffee").load()))


def test_a_snapshot_goes_through_the_same_mode():
    app = visit(source="snapshot", mode="bars")
    file = io.BytesIO()
    sample("coffee").load().save(file, "JPEG", quality=95)
    app.camera_input[0].set_value(("shot.jpg", file.getvalue(), "image/jpeg")).run()
    assert "espresso" in said(app)
    assert not app.exception


def test_the_place_for_a_video_file_is_there():
    app = visit(source="video")
    assert not app.exception
    assert app.button(key="video-sample")


# --- troubles ---------------------------------------------------------------------------------------------

GOOD = {"secure": True, "offered": True, "cameras": 1, "permission": "prompt"}


def with_camera(**found: object) -> AppTest:
    app = visit()
    app.session_state["camera_check_view"] = {"found": GOOD | found}
    return app.run()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"secure": False, "offered": False, "cameras": None}, "only over HTTPS"),
        ({"offered": False}, "no way to give out a camera"),
        ({"permission": "denied"}, "not allowed for this page"),
        ({"cameras": 0}, "No camera was found"),
    ],
)
def test_what_the_browser_knows_is_said_with_a_way_out(found, words):
    app = with_camera(**found)
    assert words in said(app)
    assert not app.get("component_instance"), "no button that cannot work"
    app.button(key="live-way-picture").click().run()
    assert link(app, "source") == "picture"
    assert not app.exception


def test_an_insecure_address_comes_with_the_command_that_helps():
    app = with_camera(secure=False)
    assert any("--server.sslCertFile" in code.value for code in app.code)


def test_a_sound_camera_is_not_talked_about():
    for found in ({}, {"permission": "granted"}, {"permission": "unknown", "cameras": None}):
        app = with_camera(**found)
        assert app.get("component_instance")
        assert not [button for button in app.button if button.key == "live-way-picture"]


def test_whatever_a_browser_sends_does_no_harm():
    for found in (None, "no", [], {"cameras": "many", "permission": 7, "secure": "x"}):
        app = visit()
        app.session_state["camera_check_view"] = {"found": found}
        assert not app.run().exception


def test_a_setting_that_cannot_be_read_is_told(monkeypatch):
    monkeypatch.setenv("CONVSCOPE_ICE_SERVERS", "somewhere")
    app = visit()
    assert any("CONVSCOPE_ICE_SERVERS" in error.value for error in app.error)
    assert not app.exception


def blocked() -> None:
    import streamlit as st

    from explainer.ui.live.trouble import Trouble, connecting, tell

    if connecting(st.session_state.get("waits", True)):
        tell(Trouble.BLOCKED)


def test_a_connection_without_frames_is_told_after_ten_seconds(monkeypatch):
    now = [50.0]
    monkeypatch.setattr("explainer.ui.live.trouble.time.monotonic", lambda: now[0])
    app = AppTest.from_function(blocked).run()
    now[0] += 9
    assert not app.run().code
    now[0] += 2
    assert any("CONVSCOPE_ICE_SERVERS" in code.value for code in app.run().code)
    app.session_state["waits"] = False  # frames come
    assert not app.run().code
    app.session_state["waits"] = True
    assert not app.run().code, "a new wait begins anew"


# --- languages and code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["detection", "cam", "maps", "bars"])
def test_the_code_draws_what_the_page_draws(mode, tmp_path, monkeypatch, capsys):
    app = visit(mode=mode, score="0.3")
    (code,) = [one.value for one in app.code if "mode.run" in one.value]
    assert mode_of(app) == app.session_state["live_studio"].choice.another()
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    drawn = np.asarray(Image.open(tmp_path / "annotated.png"))
    frame = np.asarray(sample("astronaut" if mode == "detection" else "coffee").load())
    result = mode_of(app).run(frame)
    assert np.abs(drawn.astype(int) - result.draw(frame)).mean() < 0.5
    printed = capsys.readouterr().out
    assert all(one.name in printed for one in result.said())
