"""The reader's language: ``t("English text with {fields}", fields=...)`` and the switch that changes it.

The language is that of the link (``?lang=ja``), else the reader's earlier choice, else the browser's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explainer.ui import catalogue
from explainer.ui.catalogue import LANGUAGES, SOURCE_LANGUAGE
from explainer.ui.translations import javascript_texts
from explainer.wording import later

__all__ = [
    "current_language",
    "language_switch",
    "later",
    "link_parameters",
    "remember_language",
    "t",
    "texts_for",
]

PARAMETER = "lang"
"""Name of the query parameter, and of the entry in the session's state."""
CARRIED = ("model", "weights", "image", "at", "class")
"""What the reader looks at: the same on every page."""


def current_language() -> str:
    """Return the reader's language code; English where there is no reader (a test, a background thread)."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return SOURCE_LANGUAGE
    # Every whole run takes the link's language into the state. A fragment's run may come from a link that
    # was older than the reader's last switch.
    chosen = st.session_state.get(PARAMETER) or st.query_params.get(PARAMETER)
    if chosen not in LANGUAGES:
        chosen = (st.context.locale or SOURCE_LANGUAGE).split("-")[0].lower()
    return chosen if chosen in LANGUAGES else SOURCE_LANGUAGE


def t(text: str, /, **values: Any) -> str:
    """Return ``text`` in the reader's language, its ``{fields}`` filled in.

    The English text is the key, so it must stand in the call as a literal: the catalogue is made by reading
    the source. Text that is chosen from a table is marked there with ``later`` and translated with ``t``.
    """
    translated = catalogue.load(current_language()).get(text, text)
    return translated.format(**values) if values else translated


def texts_for(folder: Path) -> Mapping[str, str]:
    """Return the translations that the ES modules in ``folder`` ask for; they are sent with its data."""
    return _texts_for(folder, current_language())


def _texts_for(folder: Path, language: str) -> Mapping[str, str]:
    known = catalogue.load(language)
    return {key: known[key] for key in _javascript_keys(folder) if key in known}


@cache
def _javascript_keys(folder: Path) -> tuple[str, ...]:
    sources = (path.read_text("utf-8") for path in sorted(folder.glob("*.js")))
    return tuple(dict.fromkeys(key for source in sources for key in javascript_texts(source)))


def remember_language() -> None:
    """Keep the language of the link for pages that are reached without it; every page starts with this."""
    asked = st.query_params.get(PARAMETER)
    if asked in LANGUAGES:
        st.session_state[PARAMETER] = asked
    elif asked is not None:
        del st.query_params[PARAMETER]


def link_parameters() -> dict[str, str]:
    """Return the query parameters that a link to another page should carry: the language, and the subject."""
    chosen = st.session_state.get(PARAMETER)
    language = {PARAMETER: chosen} if chosen in LANGUAGES else {}
    return {name: st.query_params[name] for name in CARRIED if name in st.query_params} | language


def language_switch() -> None:
    """Draw the switch. It changes ``lang`` in the link and nothing else, so the reader keeps the place."""
    key = "language_switch"
    # The switch follows a link or the history, too; so it is set before it is drawn, not by a default.
    st.session_state[key] = current_language()
    st.segmented_control(
        t("Language"),
        options=list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_switch_language,
        args=(key,),
    )


def _switch_language(key: str) -> None:
    chosen = st.session_state[key]
    st.session_state[PARAMETER] = chosen
    st.query_params[PARAMETER] = chosen
