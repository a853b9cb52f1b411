"""Foundations: from one neuron to a network that learns."""

from explainer.ui.page import begin_page

page = begin_page("foundations")

from explainer.ui.foundations import PARTS  # noqa: E402
from explainer.ui.parts import draw_parts  # noqa: E402

draw_parts(page.title, PARTS)
