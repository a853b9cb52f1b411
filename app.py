"""The front door: the Network page, from a whole network down to the arithmetic of one number."""

from __future__ import annotations

from explainer.ui.page import begin_page

begin_page("network")

# The head of the page is on its way; what takes longer to import comes behind it.
from explainer.ui.messages import guard  # noqa: E402
from explainer.ui.subject import choose_subject  # noqa: E402


def draw_page() -> None:
    """Draw what to choose from, then the map of what was chosen."""
    subject = choose_subject()
    if subject is None:
        return
    from explainer.ui.map_page import show_map

    with subject.stage:
        show_map(subject, key="network_map")


with guard():
    draw_page()
