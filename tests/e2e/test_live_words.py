"""What the stream's own frame says in English comes in the page's words, in its language."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

HELD = """
const devices = navigator.mediaDevices;
if (devices) {
  const camera = { kind: "videoinput", deviceId: "one", groupId: "one", label: "one" };
  devices.enumerateDevices = async () => [camera];
  devices.getUserMedia = async () => {
    throw new DOMException("Could not start video source", "NotReadableError");
  };
}
"""
"""There is a camera, and another program holds it."""


def test_a_camera_that_is_held_by_another_program_is_said_in_japanese(app_server, open_page):
    page = open_page(locale="ja-JP")
    page.add_init_script(HELD)
    page.goto(app_server("live?lang=ja"))
    stream = page.frame_locator('iframe[src*="webrtc_streamer"]')
    stream.get_by_role("button", name=re.compile("カメラを開始")).click()
    message = stream.locator(".MuiAlert-message")
    expect(message).to_have_text("カメラを開けません。ほかのプログラムが使っている可能性があります。")
