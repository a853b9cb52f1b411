"""Words for what went wrong, in the reader's language; never a traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t

if TYPE_CHECKING:
    from explainer.tracing.arithmetic.text import Phrase

_log = logging.getLogger("convscope")


_LONGEST = 300
"""Characters of a name that are shown: a link may bring any number."""
_MARKUP = re.compile(r"[\\`*\[\]<>$~!]")


def message(error: ReaderError) -> str:
    """Return the sentence of ``error`` in the reader's language, as Markdown.

    What a link or a file's name brought into it is shown letter by letter: it could load a picture from
    elsewhere or set itself as a formula.
    """
    return t(error.template, **{name: _shown(value) for name, value in error.values.items()})


def sentence(phrase: Phrase) -> str:
    """Return a phrase in the reader's language, as Markdown; names in it are shown letter by letter."""
    return t(phrase.template, **{name: _shown(value) for name, value in phrase.values.items()})


def _shown(value: object) -> object:
    if isinstance(value, ReaderError):
        return message(value)
    if isinstance(value, int | float):
        return value
    text = str(value)
    return plain(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def plain(text: str) -> str:
    """Return Markdown that shows a text letter by letter: a class's name may come from anyone's file."""
    return _MARKUP.sub(r"\\\g<0>", text)


@contextmanager
def guard() -> Iterator[None]:
    """Show what the reader can mend as a message and go on after the block; log everything else.

    Streamlit's own ways of leaving a script (``st.stop``, ``st.rerun``) are not exceptions of this kind and
    pass through.
    """
    try:
        yield
    except ReaderError as error:
        st.error(message(error), icon=":material/info:")
    except Exception:  # noqa: BLE001 - the page's last line of defence; the log has the whole story
        _log.exception("a page failed")
        st.error(
            t("Something went wrong here. The rest of the page still works; the server's log says more."),
            icon=":material/error:",
        )
