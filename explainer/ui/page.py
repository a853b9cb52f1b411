"""How every page begins: its title, the look, the navigation from one table, the language switch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from explainer.ui.address import take_over
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

    @property
    def path(self) -> str:
        """Its part of the URL, as Streamlit makes it; empty for the app's first page."""
        return Path(self.file).stem if "/" in self.file else ""


_INSIDE = later("Look inside")
_DETECT = later("Detect")
_TRAIN = later("Train")
_LEARN = later("Learn")

PAGES = (
    Page("network", "app.py", later("Network"), _INSIDE, ":material/account_tree:"),
    Page("layers", "pages/layers.py", later("Layers & kernels"), _INSIDE, ":material/layers:"),
    Page("why", "pages/why.py", later("Why this answer?"), _INSIDE, ":material/center_focus_strong:"),
    Page("compare", "pages/compare.py", later("Compare"), _INSIDE, ":material/compare:"),
    Page("detection", "pages/detection.py", later("Detection lab"), _DETECT, ":material/frame_inspect:"),
    Page("live", "pages/live.py", later("Live camera"), _DETECT, ":material/videocam:"),
    Page("training", "pages/training.py", later("Training"), _TRAIN, ":material/model_training:"),
    Page("playground", "pages/playground.py", later("Convolution"), _LEARN, ":material/grid_on:"),
    Page("foundations", "pages/foundations.py", later("Foundations"), _LEARN, ":material/school:"),
    Page("architectures", "pages/architectures.py", later("Architectures"), _LEARN, ":material/schema:"),
)
"""All pages in the order of the navigation."""

_SHOW_LINK = """number => {
  const find = (tries) => {
    const list = document.querySelector(".st-key-navigation"), link = list?.children[number];
    if (!link?.querySelector("a")) return tries && setTimeout(() => find(tries - 1), 100);
    const widths = new ResizeObserver(() => {
      const beyond = link.getBoundingClientRect().right - list.getBoundingClientRect().right;
      if (beyond > 0) list.scrollLeft += beyond + 48;
    });
    for (const each of list.children) widths.observe(each);
    setTimeout(() => widths.disconnect(), 6000);
  };
  find(60);
}"""
"""Scroll the navigation to the page that the reader is on, as its links come and find their widths."""
_NOTE_LEAVING = """(here) => {
  const place = () => new URL(location.href).searchParams.get("at");
  if (!("convscopeLeft" in globalThis)) addEventListener("click", (event) => {
    const link = event.composedPath().find((part) => part instanceof HTMLAnchorElement);
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!link?.closest('[data-testid="stPageLink"]')) return;
    globalThis.convscopeLeft = performance.now();
    const to = link.getAttribute("href").replace(/[?#].*/, "").replace(/.*[/]/, "");
    globalThis.convscopeFrom = { at: place(), to };
  }, true);
  const { at, to } = globalThis.convscopeFrom ?? {};
  if (to === here && at !== place()) {
    const address = new URL(location.href);
    if (at) address.searchParams.set("at", at);
    else address.searchParams.delete("at");
    history.replaceState(history.state, "", address);
  }
  globalThis.convscopeFrom = null;
  globalThis.convscopeLeft = -Infinity;
}"""
"""Note when the reader leaves for another page, and from which place in the network.

Components then hold their requests back (mount.js). The next page begins where the reader was, also where a
busy server has not heard of the last step. Streamlit's links are relative, and empty for the first page: so
pages are told apart by the last part of their path.
"""


def begin_page(key: str) -> Page:
    """Set up the page ``key`` and draw what all pages share. The first Streamlit call of every page file."""
    page = next(page for page in PAGES if page.key == key)
    take_over()
    remember_language()
    language = current_language()
    st.set_page_config(
        page_title=f"{t(page.title)} · {NAME}",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"about": t("ConvScope runs real PyTorch networks and explains what every layer does.")},
    )
    st.html(f"<style>{_css()}</style>")
    # Screen readers choose their voice, and browsers the shapes of Han characters, by the page's language.
    script = (
        f"document.documentElement.lang = '{language}'; ({_NOTE_LEAVING})('{page.path}'); "
        f"({_SHOW_LINK})({PAGES.index(page)})"
    )
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    _header(page)
    if key != "live":
        st.session_state.pop("live_studio", None)  # the camera is off, and its last seconds are heavy
    return page


def go_to_page(key: str, **parameters: str) -> None:
    """Leave for the page ``key`` with the reader's subject; nothing happens where there is no such page."""
    page = next((page for page in PAGES if page.key == key), None)
    if page is not None:
        st.switch_page(page.file, query_params=link_parameters() | parameters)


def _header(here: Page) -> None:
    """Draw the line on top: whose page this is, the other pages, the language."""
    with st.container(key="page_header", horizontal=True, vertical_alignment="center"):
        st.html(f"<h1 class='brand'>{NAME}<span>{t(here.title)}</span></h1>", width="content")
        with st.container(key="navigation", horizontal=True, vertical_alignment="center", gap="xsmall"):
            for page in PAGES:
                # Plain links drop the query; what the reader has chosen is taken along.
                st.page_link(
                    page.file,
                    label=t(page.title),
                    icon=page.icon,
                    width="content",
                    query_params=link_parameters(),
                )
        language_switch()


@cache
def _css() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")
