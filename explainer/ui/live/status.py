"""How the stream goes, in a line that renews itself while it runs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explainer.live.modes import Said
    from explainer.live.worker import Figures
    from explainer.ui.live.studio import Studio

_WHY = {
    "only": "",
    "largest": later("the largest: there is time for it"),
    "slower": later("smaller: a larger input would not keep ten results a second"),
    "faster": later("larger again: there is time for it"),
    "smallest": later("the smallest, and still slower than ten results a second"),
}
"""Why the input has its size."""
_ENGINES = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
_MOST = 4
"""Things that are named; more of them are counted."""
_CSS = """
dl.live-figures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(7.6rem, 1fr)); gap: 8px 18px;
  margin: 2px 0 0; padding: 0;
}
.live-figures dd { font-variant-numeric: tabular-nums; }
.live-figures dt { font-size: 0.78rem; opacity: 0.72; }
.live-figures dd { margin: 0; font-size: 1.3rem; font-weight: 600; line-height: 1.35; }
.live-figures small { font-size: 0.78rem; font-weight: 400; opacity: 0.72; }
.live-figures small + small { display: block; line-height: 1.3; min-height: 2.6em; }
.live-said { margin: 8px 0 0; font-size: 0.9rem; min-height: 1.5em; }
"""


def draw_status(studio: Studio) -> None:
    """Draw figures and what is seen; once, the caller renews it."""
    figures, seen = studio.worker.figures(), studio.worker.latest()
    said = () if seen is None else seen.result.said()
    engine = "" if seen is None else getattr(seen.result, "engine", "")
    st.html(f"<style>{_CSS}</style>{_strip(figures, engine)}{_said(said, seen is not None)}")
    if figures.error is not None:
        st.error(message(figures.error), icon=":material/info:")


def _strip(figures: Figures, engine: str) -> str:
    run = "" if figures.run is None else t("{ms} ms a run", ms=f"{1000 * figures.run:.0f}")
    rows = [
        (t("Frames on screen"), f"{figures.frames:.0f}", t("a second"), "", ""),
        (t("Results"), f"{figures.results:.1f}", t("a second"), run, ""),
        (
            t("Delay of a result"),
            "–" if figures.delay is None else f"{1000 * figures.delay:.0f}",
            "ms",
            "",
            t("From the arrival of a frame until what the network found on it is first shown."),
        ),
    ]
    if figures.side is not None:
        why = t(_WHY[figures.why]) if _WHY[figures.why] else t("chosen by you")
        rows.append((t("Input size"), str(figures.side), "px", why, ""))
    if engine:
        hint = t("What runs the network. Its numbers were compared with PyTorch's before it was used.")
        rows.append((t("Engine"), _ENGINES.get(engine, engine), "", "", hint))
    items = "".join(
        f"<div title='{escape(hint, quote=True)}'><dt>{escape(name)}</dt><dd>{escape(value)} "
        f"<small>{escape(unit)}</small><small>{escape(more)}</small></dd></div>"
        for name, value, unit, more, hint in rows
    )
    return f"<dl class='live-figures'>{items}</dl>"


def _said(said: Sequence[Said], any_result: bool) -> str:
    if not any_result:
        text = t("Waiting for the first result")
    elif not said:
        text = t("Nothing found above the least score.")
    else:
        named = [one.name if one.share is None else f"{one.name} {one.share:.0%}" for one in said[:_MOST]]
        more = len(said) - len(named)
        text = ", ".join(named) + (f", {t('and {count} more', count=more)}" if more > 0 else "")
    return f"<p class='live-said'>{escape(text)}</p>"


def words(said: Sequence[Said]) -> str:
    """Return what a result says in one line, for a picture's text alternative."""
    return ", ".join(one.name if one.share is None else f"{one.name} {one.share:.0%}" for one in said[:8])
