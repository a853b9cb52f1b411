"""Detection lab: how a box comes about, by hand, in one stage and in two."""

from explainer.ui.page import begin_page

page = begin_page("detection")

from explainer.ui.detection import KEPT, PARTS  # noqa: E402
from explainer.ui.parts import draw_parts  # noqa: E402

draw_parts(page.title, PARTS, kept=KEPT)
