"""The parts of the Foundations page."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part("foundations", "perceptron", later("Perceptron")),
    Part("foundations", "activations", later("Activation functions")),
    Part("foundations", "losses", later("Losses")),
    Part("foundations", "descent", later("Gradient descent")),
    Part("foundations", "backprop", later("Backpropagation")),
    Part("foundations", "mlp", later("Multilayer perceptron")),
    Part("foundations", "approximation", later("Approximation")),
    Part("foundations", "shifted", later("Dense or convolutional?")),
)
