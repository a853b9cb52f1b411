"""The exercises on pixels and on one-dimensional convolution: their answers, worked out another way."""

import pytest

from explainer.errors import ReaderError
from explainer.playground.exercises import line as line_exercises
from explainer.playground.exercises import make, written
from explainer.playground.exercises import pixels as pixels_exercises

SEEDS = range(1, 25)


def of(makers, name):
    return [make(makers, seed)[name] for seed in SEEDS]


def row(text: str) -> list[int]:
    return [int(part) for part in text.split(r"\;")]


@pytest.mark.parametrize("module", [line_exercises, pixels_exercises])
def test_every_exercise_accepts_its_own_answer_and_fills_its_texts(module):
    assert len(module.EXERCISES) >= 2
    for seed in SEEDS:
        for name, exercise in make(module.EXERCISES, seed).items():
            assert exercise.accepts(written(exercise.answer)), name
            assert not exercise.accepts("987654"), name
            with pytest.raises(ReaderError):
                exercise.accepts("?")
            for text in (exercise.question, exercise.why):
                assert "{" not in text.format(**exercise.fields).replace(r"\tfrac{", "")


def test_slide():
    for one in of(line_exercises.EXERCISES, "slide"):
        data, kernel = row(one.fields["data"]), row(one.fields["kernel"])
        assert one.answer == tuple(sum(w * data[j + k] for k, w in enumerate(kernel)) for j in range(5))


def test_size():
    for one in of(line_exercises.EXERCISES, "size"):
        f = one.fields
        assert (
            one.answer
            == (f["count"] + 2 * f["padding"] - f["dilation"] * (f["kernel"] - 1) - 1) // f["stride"] + 1
        )


def test_flip():
    for one in of(line_exercises.EXERCISES, "flip"):
        data, kernel = row(one.fields["data"]), row(one.fields["kernel"])
        start = data.index(1) - 2
        expected = [0] * 5
        for k, weight in enumerate(kernel):
            if 0 <= start + k < 5:
                expected[start + k] = weight
        assert list(one.answer) == expected
        assert row(one.fields["other"]) != expected or kernel == kernel[::-1]


def test_detector():
    for one in of(line_exercises.EXERCISES, "detector"):
        data = row(one.fields["data"])
        fits = [j for j in range(8) if data[j] == data[j + 2] > 0 and data[j + 1] == 0]
        sums = [data[j] + data[j + 2] for j in range(8)]
        assert fits == [one.answer]
        assert sums.index(max(sums)) == one.fields["loud"] != one.answer


def test_shape_memory_code_bits_luminance():
    for one in of(pixels_exercises.EXERCISES, "shape"):
        assert one.answer == (one.fields["count"], 3, one.fields["height"], one.fields["width"])
    for one in of(pixels_exercises.EXERCISES, "memory"):
        f = one.fields
        assert one.answer == (f["c"] * f["height"] + f["y"]) * f["width"] + f["x"]
    for one in of(pixels_exercises.EXERCISES, "code"):
        assert one.accepts(f"{one.fields['level'] * one.fields['steps'] // 256:b}")
    for one in of(pixels_exercises.EXERCISES, "bits"):
        f = one.fields
        assert one.answer * 8 == f["width"] * f["height"] * (f["steps"].bit_length() - 1)
    for one in of(pixels_exercises.EXERCISES, "luminance"):
        f = one.fields
        assert abs(one.answer - (0.299 * f["r"] + 0.587 * f["g"] + 0.114 * f["b"])) <= 0.51
