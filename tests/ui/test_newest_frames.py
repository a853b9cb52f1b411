"""A stream's parts get the newest frame, however long they were away."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import VideoStreamTrack
from av import VideoFrame

from explainer.ui.live.newest import without_queues

AWAY = 40


class Camera(VideoStreamTrack):
    """Films as fast as it is asked for; a frame's time is its number."""

    filmed = 0

    async def recv(self):
        await asyncio.sleep(0.002)
        frame = VideoFrame(16, 16)
        frame.pts = self.filmed
        self.filmed += 1
        return frame


def age_after_a_pause(relay):
    """Return by how many frames the next one lags behind, after a pause of ``AWAY`` frames."""

    async def watch():
        camera = Camera()
        seen = relay.subscribe(camera)
        begun = (await seen.recv()).pts
        while camera.filmed < begun + AWAY:
            await asyncio.sleep(0.005)
        frame = await seen.recv()
        behind = camera.filmed - 1 - frame.pts
        seen.stop()
        camera.stop()
        return behind

    with ThreadPoolExecutor(1) as thread:  # the browser's tests keep a loop running in this one
        return thread.submit(asyncio.run, watch()).result()


def test_after_a_pause_the_next_frame_is_the_newest():
    relay = MediaRelay()
    without_queues(relay)
    without_queues(relay)  # each visit asks for it
    assert age_after_a_pause(relay) <= 1


def test_a_relay_by_itself_hands_on_the_past():
    assert age_after_a_pause(MediaRelay()) > AWAY / 2
