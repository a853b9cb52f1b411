"""Training: a recipe in, weights with a model card out."""

from explainer.training.engine import fit
from explainer.training.measuring import evaluate
from explainer.training.recipe import Recipe, load_recipe

__all__ = ["Recipe", "evaluate", "fit", "load_recipe"]
