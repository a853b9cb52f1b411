"""How every page begins: its title, the look, the navigation from one table, the language switch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import streamlit as st

from explainer.ui.language import (
    current_language,
    language_switch,
    later,
    link_parameters,
    remember_language,
    t,
)

NAME = "ConvScope"
ICON = Path(__file__).parents[2] / "assets" / "icon.png"
"""A file: Streamlit would fetch the icons it knows by name from the internet."""


@dataclass(frozen=True)
class Page:
    """One page of the app."""

    key: str
    file: str
    """Path from the project's root; Streamlit makes the URL from it."""
    title: str
    section: str
    icon: str
    """One of Streamlit's bundled icons, which need no network."""


PAGES = (Page("network", "app.py", later("Network"), later("Look inside"), ":material/account_tree:"),)
"""All pages in the order of the navigation; pages of one section stand together."""


def begin_page(key: str) -> Page:
    """Set up the page ``key`` and draw what all pages share. The first Streamlit call of every page file."""
    page = next(page for page in PAGES if page.key == key)
    remember_language()
    language = current_language()
    st.set_page_config(
        page_title=f"{t(page.title)} · {NAME}",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="auto" if len(PAGES) > 1 else "collapsed",
        menu_items={"about": t("ConvScope runs real PyTorch networks and explains what every layer does.")},
    )
    st.html(f"<style>{_css()}</style>")
    # Screen readers choose their voice, and browsers the shapes of Han characters, by the page's language.
    st.html(f"<script>document.documentElement.lang = '{language}'</script>", unsafe_allow_javascript=True)
    if len(PAGES) > 1:  # Streamlit knows no pages to link to before there is a second one
        with st.sidebar:
            _navigation()
    _header(t(page.title))
    return page


def _header(title: str) -> None:
    """Draw the line on top: whose page this is, and the language."""
    with st.container(key="page_header", horizontal=True, vertical_alignment="center"):
        st.html(f"<h1 class='brand'>{NAME}<span>{title}</span></h1>", width="stretch")
        language_switch()


def _navigation() -> None:
    sections = [(section, list(pages)) for section, pages in groupby(PAGES, key=lambda page: page.section)]
    for section, pages in sections:
        if len(sections) > 1:
            st.caption(t(section))
        for page in pages:
            # Plain links drop the query; the chosen language is taken along.
            st.page_link(page.file, label=t(page.title), icon=page.icon, query_params=link_parameters())


@cache
def _css() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")
