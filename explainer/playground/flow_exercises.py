"""Exercises about gradients, batch norm and dropout."""

from __future__ import annotations

from explainer.playground.exercises import Maker

EXERCISES: dict[str, Maker] = {}
