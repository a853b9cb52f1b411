"""Exercises about building blocks."""

from __future__ import annotations

from explainer.playground.exercises import Maker

EXERCISES: dict[str, Maker] = {}
