"""The input size follows what runs take, and does not swing."""

from itertools import pairwise

from explainer.live.pace import Pace

SIDES = (224, 256, 320, 416)


def run(pace: Pace, seconds_at_416: float, count: int) -> list[int]:
    """Let a network run that takes time in proportion to the pixels; return the sizes that it was given."""
    sides = []
    for _ in range(count):
        sides.append(pace.side)
        pace.note(seconds_at_416 * (pace.side / 416) ** 2)
    return sides


def test_a_quick_network_keeps_the_largest_size():
    pace = Pace(SIDES)
    assert set(run(pace, 0.05, 200)) == {416}
    assert pace.why == "largest"


def test_a_slow_network_gets_the_largest_size_that_keeps_the_rate():
    pace = Pace(SIDES)
    sides = run(pace, 0.14, 60)
    assert sides[0] == 416
    assert sides[-1] == 320  # 0.14 · (320/416)² = 83 ms; the next larger takes 140
    assert pace.why == "slower"
    assert sides.index(320) <= 8, "a second of lateness is enough"


def test_even_the_smallest_is_too_slow_and_it_says_so():
    pace = Pace(SIDES)
    assert run(pace, 1.0, 60)[-1] == 224
    assert pace.why == "smallest"
    run(pace, 0.3, 10)
    assert (pace.side, pace.why) == (224, "slower"), "the smallest keeps up again"


def test_it_grows_back_when_there_is_time_again():
    pace = Pace(SIDES)
    run(pace, 0.3, 30)
    assert pace.side == 224
    sides = run(pace, 0.06, 200)
    assert sides[-1] == 416
    assert pace.why == "largest"
    assert sorted(sides) == sides, "step by step"


def test_it_does_not_swing_where_a_larger_size_is_dearer_than_expected():
    """The larger size is expected to fit and does not: tries become rare."""
    pace = Pace((224, 256))
    changes = []
    for number in range(2000):
        before = pace.side
        pace.note(0.06 if pace.side == 224 else 0.13)
        if pace.side > before:
            changes.append(number)
    gaps = [after - before for before, after in pairwise(changes)]
    assert len(changes) <= 8
    assert all(later >= earlier for earlier, later in pairwise(gaps))


def test_one_slow_run_changes_nothing():
    pace = Pace(SIDES)
    for number in range(100):
        pace.note(2.0 if number % 10 == 9 else 0.05)
    assert pace.side == 416


def test_the_time_that_is_asked_for_counts():
    pace = Pace(SIDES, wanted=5)
    assert run(pace, 0.14, 60)[-1] == 416


def test_a_network_with_one_size_has_nothing_to_choose():
    for pace, side in ((Pace(()), None), (Pace((320,)), 320)):
        for _ in range(50):
            pace.note(1.0)
        assert pace.side == side
        assert pace.why == "only"
