"""See ``explainer.ui.watching``."""

from explainer.ui.watching import watched

__all__ = ["watched"]
