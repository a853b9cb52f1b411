"""Convolution playground: learn what a convolution does by touching it."""

from explainer.ui.page import begin_page

page = begin_page("playground")

from explainer.ui.parts import draw_parts  # noqa: E402
from explainer.ui.playground import PARTS  # noqa: E402

draw_parts(page.title, PARTS)
