"""What in the network speaks for an answer."""

from explainer.attribution.contribution import channel_contributions

__all__ = ["channel_contributions"]
