"""Questions of exercises as they are shown."""

from __future__ import annotations

from explainer.playground.exercises import Exercise
from explainer.ui.exercises import question, reason


def test_negative_numbers_have_a_minus_sign_outside_formulas_and_code() -> None:
    made = Exercise(
        "Scores {scores}; $x=-1$, `a[-1]` of ResNet-18, (-2, 3).", 1, "-4 + 2-1", {"scores": "-2, -1, 2"}
    )
    assert question(made) == "Scores −2, −1, 2; $x=-1$, `a[-1]` of ResNet-18, (−2, 3)."
    assert reason(made) == "−4 + 2-1"
