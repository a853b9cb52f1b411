"""Runs: how a network learns, live; what it mixes up; what has come out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.run_view import FOLDER, run_view
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard, plain
from explainer.ui.training import steering
from explainer.ui.training.logs import best_of, log_of, time_left
from explainer.ui.training.place import RUN, keep, say_missing, say_no_runs
from explainer.ui.training.sets import title_of, titles
from explainer.ui.training.storage import OWN_DATA, find_run, is_mine, my_runs

if TYPE_CHECKING:
    from explainer.render.run_frame import Course
    from explainer.training.runs import Run, Status

WITH = "with"
"""Query parameter: names of the runs to compare with."""
_EVERY = 1.0
"""Seconds between looks at a run that learns."""
_MOST_COMPARED = 5
STATES = {
    "new": later("not begun"),
    "running": later("learning"),
    "paused": later("paused"),
    "stopped": later("stopped"),
    "finished": later("finished"),
    "failed": later("failed"),
    "interrupted": later("interrupted"),
}


def draw() -> None:
    """Draw the choice of runs, and everything about the chosen one."""
    mine = {run.name: run for run in my_runs()}
    run = _choose(mine)
    if run is None:
        say_no_runs()
        return
    others = _compared(mine, run)
    _live(run, others)
    status = run.status()
    if status.state in {"finished", "stopped"} and run.weights.is_file():
        from explainer.ui.training import result

        with guard():
            result.draw(run)
    from explainer.ui.training import mistakes

    with guard():
        mistakes.draw(run, live=status.state == "running")
    with guard():
        _all_runs(mine)
    lesson("training_runs")


# --- choosing ---------------------------------------------------------------------------------------------


def _choose(mine: dict[str, Run]) -> Run | None:
    """Draw the list of the reader's runs; the choice is ``?run=``, which may name somebody else's."""
    wanted = st.query_params.get(RUN, "")
    named = find_run(wanted)
    if wanted and named is None:
        say_missing(wanted)
    if named is None and mine:
        named = next(iter(mine.values()))
    if named is None:
        return None
    listed = mine | {named.name: named}
    key = "training_run"
    st.session_state[key] = named.name

    def put() -> None:
        keep(RUN, st.session_state[key])
        st.query_params.pop(WITH, None)

    with st.container(horizontal=True, vertical_alignment="bottom", key="run_choice"):
        st.selectbox(t("Run"), list(listed), key=key, on_change=put, width=280)
        if len(listed) > 1:
            _choose_compared(listed, named)
    return named


def _choose_compared(listed: dict[str, Run], named: Run) -> None:
    key = "training_with"
    options = [name for name in listed if name != named.name]
    wanted = st.query_params.get(WITH, "").split(",")
    st.session_state[key] = [name for name in options if name in wanted][:_MOST_COMPARED]

    def put() -> None:
        chosen = ",".join(st.session_state[key])
        if chosen:
            st.query_params[WITH] = chosen
        else:
            st.query_params.pop(WITH, None)

    st.multiselect(
        t("Compare with"),
        options,
        key=key,
        on_change=put,
        max_selections=_MOST_COMPARED,
        placeholder=t("other runs"),
        width=420,
    )


def _compared(mine: dict[str, Run], run: Run) -> list[Run]:
    names = dict.fromkeys(st.query_params.get(WITH, "").split(","))
    found = [mine.get(name) or find_run(name) for name in names if name and name != run.name]
    return [one for one in found if one is not None][:_MOST_COMPARED]


# --- while it learns --------------------------------------------------------------------------------------


def _live(run: Run, others: list[Run]) -> None:
    """Draw how far a run is, and its curves; by itself every second while it, or another shown, learns."""
    shown = [run, *others]
    before = [one.status().state for one in shown]
    busy = any(state in {"new", "running", "paused"} for state in before) or run.starting()

    @st.fragment(run_every=_EVERY if busy else None)
    def look() -> None:
        statuses = [one.status() for one in shown]
        if [status.state for status in statuses] != before or (run.starting() and not busy):
            st.rerun()  # the rest of the page, and how often to look, depend on it
        with guard():  # in here: the fragment is also run by itself
            _headline(run, statuses[0])
            steering.draw(run, statuses[0])
            _curves(shown, statuses)
        if others:
            with guard():
                _differences(shown)

    look()


def _headline(run: Run, status: Status) -> None:
    share = status.step / status.steps if status.steps else 0.0
    starting = run.starting()
    words = [f"**{t('begins') if starting else t(STATES[status.state])}**"]
    if status.epochs:
        words.append(t("epoch {epoch} of {epochs}", epoch=status.epoch, epochs=status.epochs))
    left = time_left(run, status)
    if left is not None:
        words.append(_duration(left))
    speed = next((line for line in reversed(log_of(run)) if line["kind"] == "step"), None)
    if speed is not None:
        words.append(t("{count} images per second", count=f"{speed['images_per_second']:.0f}"))
    best = best_of(run)
    if best is not None:
        words.append(t("best on validation images: {share}", share=f"{best:.1%}"))
    with st.container(key="run_headline"):
        st.progress(min(1.0, share), text=" · ".join(words))
    if status.state == "failed" and not starting:
        from explainer.errors import ReaderError
        from explainer.ui.messages import message

        st.error(
            message(ReaderError(status.problem, **status.values))
            if status.problem
            else t("The run ended without a word. Its folder has an output.txt that says more."),
            icon=":material/info:",
        )
    if status.state == "interrupted" and not starting:
        st.warning(
            t("Its process has ended, by a restart or a crash. Continue from the last checkpoint."),
            icon=":material/power_off:",
        )
    if not is_mine(run):
        st.caption(t("This is somebody else's run: you can look at it, not steer it."))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return t("about {seconds} s left", seconds=round(seconds))
    if seconds < 5400:
        return t("about {minutes} min left", minutes=round(seconds / 60))
    return t("about {hours} h left", hours=f"{seconds / 3600:.1f}")


def _curves(shown: list[Run], statuses: list[Status]) -> None:
    from explainer.render.run_frame import course_frame
    from explainer.render.wire import pack

    courses = [_course(run, status) for run, status in zip(shown, statuses, strict=True)]
    if not courses[0].lines and shown[0].starting():
        st.caption(t("The process begins: it reads the images and measures the untrained network."))
    frame = course_frame(courses) | {
        "label": t("Course of the training"),
        "texts": dict(texts_for(FOLDER)),
    }
    run_view(pack(frame), key="run_view")


def _course(run: Run, status: Status) -> Course:
    from explainer.render.run_frame import Course

    try:
        recipe = run.recipe
        epochs, stages = status.epochs or recipe.epochs, _stages(recipe.network)
    except Exception:  # noqa: BLE001 - a recipe that cannot be read has curves all the same
        epochs, stages = status.epochs, ()
    return Course(run.name, log_of(run), epochs, stages)


def _stages(network: str) -> tuple[str, ...]:
    from explainer.training.outline import outline

    return tuple(stage.title for stage in outline(network)[1])


# --- several runs -----------------------------------------------------------------------------------------


def _differences(runs: list[Run]) -> None:
    """Draw what the recipes of several runs do differently, and what came of it."""
    from dataclasses import asdict

    fields = []
    for run in runs:
        recipe = asdict(run.recipe)
        changes = recipe.pop("augmentation")
        for name in ("name", "note"):
            recipe.pop(name)
        recipe["dataset"] = _data_title(run)
        fields.append(recipe | {f"augmentation.{name}": value for name, value in changes.items()})
    rows = []
    for name in fields[0]:
        values = [one[name] for one in fields]
        if any(value != values[0] for value in values):
            rows.append(
                {t("Setting"): name} | {run.name: str(value) for run, value in zip(runs, values, strict=True)}
            )
    best = [best_of(run) for run in runs]
    rows.append(
        {t("Setting"): t("best accuracy on validation images")}
        | {run.name: "–" if value is None else f"{value:.1%}" for run, value in zip(runs, best, strict=True)}
    )
    st.markdown(f"##### {t('What they do differently')}")
    st.dataframe(rows, hide_index=True, key="run_differences")


def _data_title(run: Run) -> str:
    """Return what its data set is called; of own ones with the beginning of their key, so they differ."""
    name = run.recipe.dataset
    if "/" not in name:
        return title_of(name)
    stem = Path(name).stem
    return f"{titles().get(OWN_DATA + stem, t('own pictures'))} {stem[:8]}"


def _all_runs(mine: dict[str, Run]) -> None:
    if len(mine) < 2:
        return
    with st.expander(t("All your runs: {count}", count=len(mine)), icon=":material/list:"):
        rows = []
        for run in mine.values():
            status, recipe = run.status(), run.recipe
            rows.append(
                {
                    t("Run"): run.name,
                    t("State"): t(STATES[status.state]),
                    t("Network"): recipe.network,
                    t("Data"): _data_title(run),
                    t("Epochs"): f"{status.epoch} / {recipe.epochs}",
                    t("Best on validation images"): best_of(run),
                }
            )
        config = {t("Best on validation images"): st.column_config.NumberColumn(format="percent")}
        st.dataframe(rows, hide_index=True, column_config=config, key="all_runs")
        st.caption(plain(t("On the command line: python -m explainer.training recipe.toml")))
