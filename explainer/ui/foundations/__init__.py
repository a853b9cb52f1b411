"""The parts of the Foundations page."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part(
        "perceptron",
        later("Perceptron"),
        "explainer.ui.foundations.perceptron",
        "foundations_perceptron",
        "explainer.playground.perceptron_exercises",
    ),
    Part(
        "activations",
        later("Activation functions"),
        "explainer.ui.foundations.activations",
        "foundations_activations",
        "explainer.playground.activations_exercises",
    ),
    Part(
        "losses",
        later("Losses"),
        "explainer.ui.foundations.losses",
        "foundations_losses",
        "explainer.playground.losses_exercises",
    ),
    Part(
        "descent",
        later("Gradient descent"),
        "explainer.ui.foundations.descent",
        "foundations_descent",
        "explainer.playground.descent_exercises",
    ),
    Part(
        "backprop",
        later("Backpropagation"),
        "explainer.ui.foundations.backprop",
        "foundations_backprop",
        "explainer.playground.backprop_exercises",
    ),
    Part(
        "mlp",
        later("Multilayer perceptron"),
        "explainer.ui.foundations.mlp",
        "foundations_mlp",
        "explainer.playground.mlp_exercises",
    ),
    Part(
        "approximation",
        later("Approximation"),
        "explainer.ui.foundations.approximation",
        "foundations_approximation",
        "explainer.playground.approximation_exercises",
    ),
    Part(
        "shifted",
        later("Dense or convolutional?"),
        "explainer.ui.foundations.shifted",
        "foundations_shifted",
        "explainer.playground.shifted_exercises",
    ),
)
