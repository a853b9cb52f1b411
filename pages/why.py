"""Why this answer?: what in the picture speaks for a class."""

from __future__ import annotations

from explainer.ui.page import begin_page

begin_page("why")

from explainer.ui.messages import guard  # noqa: E402
from explainer.ui.subject import choose_subject  # noqa: E402


def draw_page() -> None:
    """Draw what to choose from, then what can be said about it."""
    subject = choose_subject()
    if subject is None:
        return
    from explainer.ui.why.content import draw

    with subject.stage, guard():
        draw(subject)


with guard():
    draw_page()
