"""Work that takes a while: begun at once or when asked for, ended when the reader wants something else."""

import threading
import time

from streamlit.testing.v1 import AppTest

from explainer.errors import Cancelled, ReaderError
from explainer.ui.jobs import Job, jobs
from explainer.ui.why.work import _size

HEAVY = 1e15


def page():
    import streamlit as st

    from explainer.ui.messages import guard
    from explainer.ui.why.work import worked

    state = st.session_state
    with guard():
        found = worked(state.name, state.make, key="test", start="Begin", operations=state.operations)
        st.text(f"found {found}")


def visit(name, make, operations=HEAVY) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["name"] = name
    app.session_state["make"] = make
    app.session_state["operations"] = operations
    return app.run()


def job_of(app: AppTest) -> Job:
    job = jobs().find(app.session_state["name"], "test")
    assert job is not None
    jobs().leave(app.session_state["name"], "test")  # not to be looked at by more than the page
    return job


def ended(job: Job) -> bool:
    """Wait for the end of a job."""
    until = time.monotonic() + 10
    while not job.finished and time.monotonic() < until:
        time.sleep(0.005)
    return job.finished


def finish(app: AppTest, go: threading.Event) -> AppTest:
    """Let the work go on to its end, and look at the page again."""
    job = job_of(app)
    go.set()
    assert ended(job)
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (one for one in app.button if one.label == label)
    return button.click().run()


def test_light_work_is_done_at_once():
    app = visit("light", lambda progress: 42, operations=1e6)
    assert app.text[0].value == "found 42"
    assert not app.button


def test_heavy_work_waits_to_be_asked_for_and_is_kept():
    go, times = threading.Event(), []

    def make(progress):
        go.wait(10)
        times.append(1)
        return "done"

    app = visit("heavy", make)
    assert app.text[0].value == "found None"
    assert press(app, "Begin").text[0].value == "found None"
    assert finish(app, go).text[0].value == "found done"
    assert visit("heavy", None).text[0].value == "found done"
    assert len(times) == 1


def test_it_can_be_ended():
    go, told = threading.Event(), []

    def make(progress):
        progress(1, 4)
        go.wait(10)
        try:
            progress(2, 4)
        except Cancelled:
            told.append("ended")
            raise

    app = visit("endless", make)
    press(app, "Begin")
    job = job_of(app)
    assert "Cancel" in [one.label for one in app.button]
    press(app, "Cancel")
    go.set()
    assert ended(job)
    assert told == ["ended"]
    assert [one.label for one in app.run().button] == ["Begin"]


def test_another_question_ends_it():
    go = threading.Event()

    def make(progress):
        go.wait(10)
        progress(1, 2)

    app = visit("first question", make)
    press(app, "Begin")
    job = job_of(app)
    app.session_state["name"] = "second question"
    app.run()
    go.set()
    assert ended(job)
    assert job.cancelled
    assert [one.label for one in app.button] == ["Begin"]


def test_what_goes_wrong_is_said_on_the_page_and_may_be_tried_again():
    go, tries = threading.Event(), []

    def make(progress):
        go.wait(10)
        tries.append(1)
        if len(tries) == 1:
            raise ReaderError("Not with {name}.", name="this")
        return "done"

    app = visit("wrong", make)
    press(app, "Begin")
    assert finish(app, go).error[0].value == "Not with this."
    assert [one.label for one in app.button] == ["Begin"]
    press(app, "Begin")
    assert app.run().text[0].value == "found done"


def test_results_weigh_what_their_tensors_do():
    import torch

    from explainer.attribution import Faithfulness

    curves = Faithfulness(torch.zeros(10), torch.zeros(10), torch.zeros(10))
    assert _size([(curves, torch.zeros(5, dtype=torch.uint8))]) == 125
