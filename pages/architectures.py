"""Architectures: from LeNet-5 to ConvNeXt, measured and taken apart."""

from explainer.ui.page import begin_page

page = begin_page("architectures")

from explainer.ui.architectures import PARTS  # noqa: E402
from explainer.ui.parts import draw_parts  # noqa: E402

draw_parts(page.title, PARTS)
