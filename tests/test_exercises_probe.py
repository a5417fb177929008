"""Whatever a student's function does or returns: it is watched, judged, and does no harm."""

import builtins
import json
import random
import sys
import threading
import time
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from dlbook.exercises import key, plain, probe
from dlbook.exercises.question import Case
from dlbook.exercises.show import show, show_type
from dlbook.exercises.verdict import Judge, compare

RELU = Judge(key.question("neuron-relu"))
SUM = Judge(key.question("neuron-weighted-sum"))
GATE = Judge(key.question("neuron-and-gate"))


def watch(function, *arguments, names=("z",), seconds=5.0, times=1):
    """Return what is seen of a function, after its way through JSON."""
    arguments = arguments or (np.array([1.0, -2.0]),)
    seen = probe.observe(function, names, [Case(arguments).plain()] * times, seconds)
    return json.loads(json.dumps(seen, allow_nan=False))["cases"]


def judged(judge, function):
    """Return the verdict on a function, whose observations went through JSON."""
    return judge.verdict(json.loads(json.dumps(judge.observe(function), allow_nan=False)))


# --- Strange values --------------------------------------------------------------------------


class EqualToAll:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __array__(self, *_, **__):
        raise RuntimeError("no array")


class ListWithoutLength(list):
    def __len__(self):
        raise RuntimeError("no length")


class ListWithoutEnd(list):
    def __iter__(self):
        while True:
            yield 0.0


class FloatThatFails(float):
    def __float__(self):
        raise RuntimeError("no float")


class IntThatFails(int):
    def __int__(self):
        raise RuntimeError("no int")


class SaysItIsAFloat:
    __class__ = float


class HidesItsClass:
    @property
    def __class__(self):
        raise RuntimeError("no class")


class NamelessKind(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")


class Nameless(metaclass=NamelessKind):
    pass


class ArrayThatRefuses(np.ndarray):
    def __array_function__(self, *_, **__):
        raise RuntimeError("no function")

    def __array_ufunc__(self, *_, **__):
        raise RuntimeError("no ufunc")


class StringOfObjects(str):
    def __getitem__(self, place):
        return object()


def list_in_itself(times):
    items = []
    items.extend([items] * times)
    return items


def array_in_itself(shape):
    array = np.empty(shape, object)
    array[...] = 0
    array[(0,) * array.ndim] = array
    return array


def list_of_depth(depth):
    items = []
    for _ in range(depth):
        items = [items]
    return items


STRANGE = {
    "None": lambda: None,
    "generator": lambda: (number for number in range(3)),
    "dict": lambda: {"weights": [1, 2]},
    "set": lambda: {1.0, 2.0},
    "complex": lambda: 1j,
    "bytes": lambda: b"abc",
    "a class": lambda: float,
    "a module": lambda: sys,
    "half a character": lambda: "\ud800",
    "huge int": lambda: 10**400,
    "int beyond 64 bits": lambda: 10**200,
    "ints beyond 64 bits": lambda: [2**70, 1],
    "pair of ints beyond 64 bits": lambda: ([0, 10**200], -(10**200)),
    "Decimal that is no number": lambda: Decimal("sNaN"),
    "huge Fraction": lambda: Fraction(10**400),
    "huge array": lambda: np.zeros((1001, 1000)),
    "array without room for its numbers": lambda: np.broadcast_to(1.0, (10**6, 10**6)),
    "long doubles without room": lambda: np.broadcast_to(np.longdouble(1), (10**6, 10**6)),
    "array of strings": lambda: np.array(["a", "b"]),
    "array of dates": lambda: np.array(["2026-11-24"], "datetime64[D]"),
    "array of complex numbers": lambda: np.array([1j, 2.0]),
    "array of records": lambda: np.zeros(2, [("a", float)]),
    "object array": lambda: np.array([1.0, None, "a"], object),
    "object array of no dimension": lambda: np.array(None, object),
    "object array in itself": lambda: array_in_itself(2),
    "object array of no dimension in itself": lambda: array_in_itself(()),
    "array of 19 dimensions": lambda: np.zeros((2,) * 19),
    "masked array": lambda: np.ma.masked_less(np.arange(3.0), 1),
    "matrix": lambda: np.zeros((1, 2)).view(np.matrix),
    "ragged list": lambda: [[1, 2], [3]],
    "list in itself": lambda: list_in_itself(1),
    "list ten times in itself": lambda: list_in_itself(10),
    "deep list": lambda: list_of_depth(10_000),
    "long list": lambda: [0.5] * 1_000_000,
    "list without length": lambda: ListWithoutLength([1.0]),
    "list without end": lambda: ListWithoutEnd([1.0]),
    "float that fails": lambda: FloatThatFails(1.0),
    "int that fails": lambda: IntThatFails(1),
    "equal to all": EqualToAll,
    "says it is a float": SaysItIsAFloat,
    "hides its class": HidesItsClass,
    "nameless": Nameless,
    "array that refuses": lambda: np.zeros(3).view(ArrayThatRefuses),
    "string of objects": lambda: StringOfObjects("abc"),
}


@pytest.mark.parametrize("judge", [SUM, RELU, GATE], ids=lambda judge: judge.question.name)
@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_value_is_wrong_and_is_told_of_in_a_few_lines(name, judge):
    returned = STRANGE[name]()  # one for all cases: making some of them takes a while
    started = time.process_time()
    verdict = judged(judge, lambda *_: returned)
    assert verdict.outcome == "incorrect"
    assert 10 < len(verdict.finding) < 400
    assert len(verdict.yours) < 1000
    assert verdict.finding.encode()  # it can be shown: no half characters
    assert time.process_time() - started < 20


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_value_is_named_in_words(name):
    value = plain.decode(plain.encode(STRANGE[name]()))
    assert 1 <= len(show_type(value)) < 200
    assert all(len(text) < 700 for text in show(value, np.zeros(3)))


def test_an_object_that_is_equal_to_everything_equals_no_answer():
    assert judged(RELU, lambda z: EqualToAll()).difference == "form"
    assert judged(SUM, lambda x, w, b: EqualToAll()).difference == "form"


def test_numbers_that_python_holds_one_by_one_are_numbers():
    assert judged(RELU, lambda z: np.maximum(z, 0).astype(object)).outcome == "correct"
    for kind in (Decimal, Fraction, np.float64, np.longdouble):
        assert judged(SUM, lambda x, w, b, k=kind: k(float(x @ w + b))).outcome == "correct"


def test_an_array_of_another_kind_with_the_same_numbers_is_the_same_answer():
    class Mine(np.ndarray):
        pass

    for change in (
        lambda a: a.view(Mine), np.asfortranarray, lambda a: a.astype(">f8"), np.ma.asarray,
        lambda a: a[..., ::-1][..., ::-1], lambda a: a.astype(np.longdouble),
    ):  # fmt: skip
        verdict = judged(RELU, lambda z, change=change: change(np.maximum(z, 0)))
        assert verdict.outcome == "correct", verdict.finding


def test_a_number_that_is_masked_out_is_no_answer():
    masked = judged(RELU, lambda z: np.ma.masked_array(np.maximum(z, 0), mask=True))
    assert masked.difference == "form"
    assert "masked array" in masked.finding


def test_integers_beyond_64_bits_are_compared_as_numbers():
    assert compare(10**20, np.array(1e20), "f") is None
    assert compare(10**20, np.array(1.0), "f").kind == "values"
    assert compare(10**20, np.array(7), "f") is not None
    assert plain.as_numbers([10**20, 1]).tolist() == [1e20, 1.0]
    assert plain.as_numbers(10**400) is None


def test_a_list_of_numbers_in_the_right_shape_passes_for_an_array():
    picture = np.arange(60 * 40 * 3).reshape(60, 40, 3)
    back = plain.decode(plain.encode(picture.tolist()))
    assert np.array_equal(plain.as_numbers(back), picture)


# --- Strange behaviour -----------------------------------------------------------------------


def never_ends(z):
    while True:
        pass


def sleeps(z):
    time.sleep(60)


def swallows_everything(z):
    while True:
        try:
            time.sleep(0.01)
        except:  # noqa: E722
            continue


def swallows_everything_in_a_helper(z):
    def helper():
        try:
            time.sleep(60)
        except:  # noqa: E722
            return

    while True:
        try:
            helper()
        except BaseException:
            continue


def never_leaves_finally(z):
    while True:
        try:
            z = z + 1
        finally:
            continue  # noqa: B012 - students write this


def returns_a_number_that_never_ends(z):
    class Endless(int):
        def __int__(self):
            while True:
                pass

    return Endless(1)


@pytest.mark.parametrize(
    "function",
    [
        never_ends, sleeps, swallows_everything, swallows_everything_in_a_helper,
        never_leaves_finally, returns_a_number_that_never_ends,
    ],
)  # fmt: skip
def test_an_answer_that_never_ends_is_ended(function):
    tracer = sys.gettrace()
    started = time.monotonic()
    assert [case["outcome"] for case in watch(function, seconds=0.3, times=2)] == [
        "too slow",
        "not run",
    ]
    assert time.monotonic() - started < 10
    assert sys.gettrace() is tracer


def test_after_an_answer_that_never_ends_time_is_free_again():
    watch(swallows_everything, seconds=0.2)
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        pass
    assert watch(lambda z: z + 1)[0]["outcome"] == "returned"


def calls_itself(z):
    return calls_itself(z)


def leaves(z):
    sys.exit()


def asks(z):
    return float(input("z? "))


def wishes_too_much(z):
    return np.ones((10**6, 10**6))


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raises_silently(z):
    raise SilentError


def warns_silently(z):
    class SilentWarning(UserWarning):
        def __str__(self):
            raise RuntimeError("no text")

    warnings.warn_explicit(SilentWarning(), None, "file", 1)


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (calls_itself, "RecursionError"),
        (leaves, "SystemExit"),
        (asks, "RuntimeError"),
        (wishes_too_much, "MemoryError"),
        (raises_silently, "SilentError"),
        (warns_silently, "RuntimeError"),
    ],
)
def test_an_answer_that_stops_on_the_way_has_raised(function, error):
    first, second = watch(function, times=2)
    assert first["outcome"] == second["outcome"] == "raised"
    assert error in first["error"]["kinds"]


def test_what_is_printed_is_kept_in_part_and_can_be_shown():
    def prints(z):
        print("before \ud800")
        sys.stdout.close()
        for _ in range(1000):
            print("a line")
        return z + 1

    (seen,) = watch(prints)
    assert seen["outcome"] == "returned"
    assert seen["printed"].startswith("before ?")
    assert len(seen["printed"]) == probe.PRINTED
    assert not sys.stdout.closed


@pytest.mark.parametrize("stream", [None, 5, object()])
def test_an_answer_that_takes_the_screen_away_gives_it_back(stream):
    screen = sys.stdout

    def takes(z):
        sys.stdout = stream
        return z + 1

    assert watch(takes)[0]["outcome"] == "returned"
    assert sys.stdout is screen


def test_settings_that_an_answer_changes_hold_for_itself_only():
    def sets(z):
        warnings.simplefilter("error")
        np.seterr(all="raise")
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        return z + 1

    before = np.geterr(), warnings.filters[:], random.getstate()
    assert watch(sets)[0]["outcome"] == "returned"
    assert (np.geterr(), warnings.filters[:], random.getstate()) == before


def test_warnings_that_an_answer_turns_into_errors_are_its_own_errors():
    def strict(z):
        np.seterr(all="raise")
        return np.exp(z * 1e6)

    assert watch(strict)[0]["error"]["type"] == "FloatingPointError"


def test_names_of_python_that_an_answer_changes_are_put_back():
    def spoils(z):
        builtins.len = builtins.isinstance = lambda *_: 5
        builtins.my_own = 3
        del builtins.sorted
        return z + 1

    before = dict(vars(builtins))
    watch(spoils)
    assert vars(builtins) == before


def test_a_thread_that_an_answer_leaves_behind_disturbs_nothing():
    done = threading.Event()

    def starts(z):
        threading.Thread(target=done.wait, args=(5,), daemon=True).start()
        return z + 1

    assert watch(starts)[0]["outcome"] == "returned"
    done.set()


def test_an_object_with_a_broken_getattr_can_still_be_an_answer():
    class Broken:
        def __call__(self, z):
            return np.maximum(z, 0)

        def __getattr__(self, name):
            return self.missing

    assert judged(RELU, Broken()).outcome == "correct"


def test_deleting_or_renaming_an_argument_inside_changes_nothing():
    def renames(z):
        copy = z.copy()
        z = None
        del z
        return np.where(copy > 0, copy, 0)

    assert judged(RELU, renames).outcome == "correct"


# --- Arguments that are changed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ([3, 1, 2], lambda a: a.sort()),
        ([3, 1, 2], lambda a: a.append(4)),
        ([0.5, 1.5], lambda a: a.__setitem__(0, 0.25)),
        ([0.5, 1.5], lambda a: a.__setitem__(0, "0.5")),
        ([True, False], lambda a: a.reverse()),
        ([np.ones(2)], lambda a: a.__setitem__(0, np.zeros(2))),
        ([np.ones(2), 1.0], lambda a: a[0].fill(3)),
        ([0.5], lambda a: a.__setitem__(0, EqualToAll())),
        (np.ones((2, 3)), lambda a: a.shape.__len__() and setattr(a, "shape", (3, 2))),
        (np.array([3.0, 1.0]), lambda a: a.sort()),
        (np.array([3.0, np.nan]), lambda a: a.fill(np.nan)),
    ],
)
def test_a_changed_argument_is_noticed(before, change):
    assert watch(change, before)[0]["changed"] == ["z"]


@pytest.mark.parametrize(
    ("before", "leave"),
    [
        ([3, 1, 2], sorted),
        ([0.1, 0.2], lambda a: a.__setitem__(0, np.float64(0.1))),
        ([float("nan"), 1.0], list),
        ([True, 2], lambda a: a.__setitem__(0, True)),
        (np.array([0.1, np.nan]), lambda a: a.__iadd__(1).__isub__(1)),
        (np.ones((2, 3)), lambda a: a.setflags(write=False)),
        ([np.ones(2), np.zeros(0)], lambda a: [part + 1 for part in a]),
    ],
)
def test_an_argument_that_is_as_before_counts_as_unchanged(before, leave):
    assert watch(leave, before)[0]["changed"] == []


def test_what_shares_memory_with_an_argument_says_so():
    z = np.arange(6.0).reshape(2, 3)
    for share in (lambda a: a, lambda a: a.T, lambda a: a[1:], lambda a: [a[0], 1.0]):
        for right in (1.0, [z[0], 1.0], None):
            assert plain.shared_with(watch(share, z)[0]["value"], right) == {"z"}
    rows = watch(lambda a: [a[1], a[0]], z)[0]["value"]  # a list that stands for an array
    assert plain.shared_with(rows, z) == set()
    for own in (lambda a: a.copy(), lambda a: a + 0, lambda a: a.tolist(), lambda a: a[[0, 1]]):
        assert plain.shared_with(watch(own, z)[0]["value"], z) == set()


# --- Observations from a stranger ------------------------------------------------------------


def damaged(value, rng):
    """Return plain data with something in it exchanged."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = list(value)[rng.integers(len(value))]
        if rng.random() < 0.2:
            return {k: v for k, v in value.items() if k != name}
        return {**value, name: damaged(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = int(rng.integers(len(value)))
        return [*value[:place], damaged(value[place], rng), *value[place + 1 :]]
    junk = [
        None,
        -1,
        1e300,
        float("nan"),
        "",
        "raised",
        "x" * 50,
        [],
        [[]],
        {},
        {"kind": "list"},
        True,
    ]
    return junk[rng.integers(len(junk))]


@pytest.mark.parametrize("judge", [SUM, RELU, GATE], ids=lambda judge: judge.question.name)
def test_damaged_observations_are_judged_or_refused_and_never_crash(judge, rng):
    def fails(*_):
        raise ValueError("no")

    for function in (judge.question.reference, lambda *_: [[1.0], None], fails):
        whole = judge.observe(function)
        for _ in range(150):
            broken = damaged(whole, rng)
            try:
                judge.verdict(broken)
            except ValueError:
                continue
