"""Live camera: what networks make of the reader's own webcam."""

from explainer.ui.page import begin_page

begin_page("live")

from explainer.ui.live import draw_page  # noqa: E402

draw_page()
