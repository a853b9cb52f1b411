"""The setting of STUN and TURN servers is read as browsers and aiortc take it."""

import pytest
from streamlit_webrtc.config import compile_rtc_configuration

from explainer.errors import ReaderError
from explainer.live.ice import SETTING, read_ice_servers


def test_nothing_means_no_servers():
    assert read_ice_servers("") == read_ice_servers("  \n") == read_ice_servers("[]") == []


@pytest.mark.parametrize("between", [",", " ", ", ", "\n"])
def test_addresses_with_and_without_a_password(between):
    text = f"stun:stun.example.org:3478{between}turn:me:se:cret@turn.example.org:3478?transport=tcp"
    found = read_ice_servers(text)
    assert found == [
        {"urls": "stun:stun.example.org:3478"},
        {
            "urls": "turn:turn.example.org:3478?transport=tcp",
            "username": "me",
            "credential": "se:cret",
        },
    ]
    compiled = compile_rtc_configuration({"iceServers": found}).iceServers
    assert [server.username for server in compiled] == [None, "me"]


def test_the_list_of_a_browser():
    assert read_ice_servers('[{"urls": ["stun:a", "turn:b"], "username": "c"}]')[0]["username"] == "c"


@pytest.mark.parametrize(
    "text",
    ["stun.example.org", "http://x", "[", '["stun:a"]', '[{"url": "stun:a"}]', "turn:me@host", "stun:"],
)
def test_anything_else_is_refused_in_words(text):
    with pytest.raises(ReaderError, match=SETTING):
        read_ice_servers(text)
