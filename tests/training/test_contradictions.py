"""Warnings where a change makes the label wrong, and silence where nothing can be said."""

import pytest

from explainer.training import contradictions as module
from explainer.training.contradictions import contradictions
from explainer.training.policies import strengths
from explainer.training.recipe import Augmentation

DIGITS = tuple("0123456789")
EVERYTHING = Augmentation(
    flip=0.5, shift=0.2, scale=0.2, rotate=180, brightness=0.5, cutout=0.3, crop=0.3, colour=1.0,
    perspective=0.3, erase=0.5, policy="trivialaugment",
)  # fmt: skip


def said(classes, **settings):
    return " ".join(contradictions(classes, Augmentation(**settings)))


def test_digits_are_not_mirrored_nor_turned_upside_down():
    assert "mirrored 3 or 7" in said(DIGITS, flip=0.1)
    assert "a 6 looks like a 9" in said(DIGITS, rotate=100)
    assert "a 6 looks like a 9" in said(DIGITS, policy="trivialaugment")
    assert said(DIGITS, rotate=15, shift=0.1, policy="randaugment") == ""
    assert said(("cat 3", "dog 7"), flip=0.5) == ""


def test_letters_and_sides():
    assert "a mirrored b is a d" in said(("a", "b", "c", "d"), flip=0.5)
    assert said(("B", "D"), flip=0.5) != ""  # of EMNIST's letters a class holds both cases
    told = said(("Turn Left ahead", "stop", "turn right ahead"), flip=0.5)
    assert "“Turn Left ahead” into “turn right ahead”" in told
    assert said(("left hand", "leftovers", "bright light"), flip=0.5) == ""


def test_colours_that_tell_classes_apart():
    assert "“red apple” and “green apple”" in said(("red apple", "green apple", "pear"), colour=0.3)
    assert said(("red apple", "green apple"), flip=0.5, brightness=0.5) == ""
    assert said(("orange", "lemon", "blackberry"), colour=1.0) == ""


@pytest.mark.parametrize("classes", [("cat", "dog", "ship"), ("apple", "balloon"), ()])
def test_nothing_is_claimed_that_names_do_not_say(classes):
    assert contradictions(classes, EVERYTHING) == ()
    assert contradictions(DIGITS, Augmentation()) == ()


def test_the_policies_turn_as_far_as_is_said():
    for policy in ("randaugment", "trivialaugment", "augmix"):
        table = strengths(policy, 32, 32)["Rotate"]
        drawn = {"randaugment": table[9], "trivialaugment": table.max(), "augmix": table[2]}[policy]
        assert (drawn > module.UPSIDE_DOWN) == (policy in module.TURNS_FAR)
        assert drawn <= module.TURNS_FAR.get(policy, 10.0)
