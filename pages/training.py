"""Training: a network of one's own, watched while it learns."""

from explainer.ui.page import begin_page

page = begin_page("training")

from explainer.ui.parts import draw_parts  # noqa: E402
from explainer.ui.training import PARTS  # noqa: E402
from explainer.ui.training.place import KEPT, recall  # noqa: E402
from explainer.ui.training.storage import reader  # noqa: E402

recall()
reader()  # whoever is new gets a name before anything else is drawn
draw_parts(page.title, PARTS, kept=KEPT)
