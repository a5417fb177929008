"""Watching a function at work: it is called on given inputs, and what can be seen is written down.

This is the one part that runs beside a student's program. It knows no answers: cases come in
as plain data, observations go out as plain data. Needs NumPy and `plain` only.
"""

import builtins
import contextlib
import ctypes
import dis
import io
import linecache
import os
import random
import signal
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import numpy as np
from numpy import allclose, array_equal, asarray  # a student's program may replace np's own

from dlbook.exercises import plain

PRINTED = 300  # characters of a function's printing that are kept
MEMORY = 8 * 2**30  # bytes that an answer may take on top of what is in use
CALLS = 100  # calls of a given function that are kept


class TooSlowError(BaseException):
    """The time is up. Not an Exception, so that ``except Exception`` in an answer lets it pass."""


def observe(
    function: object,
    names: Sequence[str],
    cases: Sequence[dict],
    timeout_seconds: float,
    namespace: dict | None = None,
    report: Callable[[dict], None] | None = None,
    first: int = 0,
) -> dict:
    """Call a function on every case and write down what can be seen from outside.

    Parameters
    ----------
    function : object
        The student's, or a reference. It is called with positional arguments.
    names : sequence of str
        What the signature calls the arguments.
    cases : sequence of dict
        ``{"args": [...], "then": [...] or None}``, each argument as
        `plain.encode_argument` made it. Where there is a ``then``, the function must
        return a function, which is called with these arguments next.
    timeout_seconds : float
        For all cases together, by the clock on the wall.
    namespace : dict, optional
        The student's names; a line of code from there is "the student's own line".
    report : function, optional
        Is given what was seen of each case as soon as it is known.
    first : int, optional
        The number of the first case, where these are some of several.

    Returns
    -------
    dict
        ``{"attempted": bool, "cases": [...]}``, one dict for each case: ``outcome``
        ("returned", "raised", "too slow", "not run"), ``value``, ``error``, ``changed``
        (arguments that were changed), ``warnings``, ``printed``, ``calls`` (of given
        functions), ``cpu_seconds``.
    """
    if not callable(function) or is_stub(function):
        return {"attempted": False, "cases": []}
    deadline = monotonic() + timeout_seconds
    seen = []
    with _one_thread(), _memory_limit(), _untouched_chance(), _folder_for(cases) as folder:
        for number, case in enumerate(cases, first):
            left = deadline - monotonic()
            if left <= 0 or (seen and seen[-1]["outcome"] in ("too slow", "not run")):
                seen.append({"outcome": "not run"})
            else:
                random.seed(number)
                np.random.seed(number)  # noqa: NPY002 - what isn't drawn from rng differs
                place = folder and folder / str(number)
                seen.append(_observe_case(function, names, case, left, place, namespace))
            if report is not None:
                report(seen[-1])
    return {"attempted": True, "cases": seen}


def _observe_case(function, names, case, seconds, folder, namespace) -> dict:
    calls: list[list] = []
    arguments = [build(data, folder, calls) for data in case["args"]]
    then = None if case.get("then") is None else [build(d, folder, calls) for d in case["then"]]
    before = [build(data, folder and folder / "before", []) for data in case["args"]]
    own = [pair for name, a in zip(names, arguments, strict=False) for pair in _arrays(name, a)]
    seen: dict[str, Any] = {"outcome": "returned"}
    sink = _Sink()
    started = process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with _watched(sink), time_limit(seconds):
                value = function(*arguments)
                if then is not None:
                    value = value(*then)
                seen["value"] = plain.encode(value, own)  # may call methods of the student's
        except TooSlowError:
            seen["outcome"] = "too slow"
        except KeyboardInterrupt:
            raise  # the student pressed stop
        except BaseException as error:  # SystemExit, too: an answer may not end the notebook
            seen["outcome"] = "raised"
            seen["error"] = describe(error, namespace)
    seen["cpu_seconds"] = process_time() - started
    seen["changed"] = [
        name
        for name, a, b in zip(names, arguments, before, strict=False)
        if not _unchanged(a, b)
    ]  # fmt: skip
    seen["warnings"] = sorted(
        {f"{w.category.__name__}: {_text_of(w.message)[:200]}" for w in caught}
    )[:20]  # fmt: skip
    seen["printed"] = sink.text
    seen["calls"] = calls[:CALLS]
    return seen


def is_stub(function: object) -> bool:
    """Say whether a function has no body to speak of: nothing but ``...``, ``pass``, ``return``.

    ``raise NotImplementedError`` counts as none too; other tools write it for the student.
    """
    if not isinstance(function, types.FunctionType | types.MethodType):
        return False
    code = function.__code__
    if code.co_names and "NotImplementedError" not in code.co_names and sys.version_info < (3, 14):
        return False  # it uses something; the instructions, which newer Pythons need, take longer
    steps = [s for s in dis.get_instructions(code) if s.opname not in ("RESUME", "NOP", "CACHE")]
    if all(s.opname in ("LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") for s in steps):
        loaded = [s.argval for s in steps if s.opname in ("LOAD_CONST", "RETURN_CONST")]
        return all(constant in (None, Ellipsis) for constant in loaded)
    # Newer Pythons keep this name among the instructions and not among the code's names.
    loaded = {s.argval if isinstance(s.argval, str) else s.argrepr for s in steps
              if s.opname in ("LOAD_GLOBAL", "LOAD_COMMON_CONSTANT")}  # fmt: skip
    return loaded == {"NotImplementedError"} and steps[-1].opname == "RAISE_VARARGS"


def build(data: dict, folder: Path | None, calls: list[list]) -> Any:
    """Make the argument that a case describes; files are written into `folder`."""
    kind = data["kind"]
    if kind == "rng":
        return np.random.default_rng(data["seed"])
    if kind == "given":
        numbers = [build(number, folder, calls) for number in data["numbers"]]
        return _recorded(FUNCTIONS[data["name"]](*numbers), calls)
    if kind == "file":
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / data["name"]
        if data["contents"] is not None:
            path.write_bytes(plain.base64.b64decode(data["contents"]))
        return path if data["path"] else str(path)
    if kind in ("list", "tuple"):
        items = [build(item, folder, calls) for item in data["items"]]
        return tuple(items) if kind == "tuple" else items
    return plain.decode(data)


def _recorded(function: Callable, calls: list[list]) -> Callable:
    def given(*arguments, **named):
        if len(calls) < CALLS:
            calls.append([plain.encode(argument) for argument in (*arguments, *named.values())])
        return function(*arguments, **named)

    return given


def cubic(a: float, b: float, c: float) -> Callable:
    """Return z -> a z^3 + b z + c: an activation that nobody expects."""
    return lambda z: a * z * z * z + b * z + c


def scalar_field(cubes: np.ndarray, mixed: np.ndarray) -> Callable:
    """Return p -> sum of cubes p^3, plus p times mixed times p: one number from many."""

    def field(p):
        p = np.asarray(p, float)
        return float(np.sum(cubes * p**3) + p @ mixed @ p)

    return field


def linear(matrix: np.ndarray, shift: np.ndarray) -> Callable:
    """Return p -> matrix @ p + shift: the gradient of a bowl."""
    return lambda p: matrix @ np.asarray(p, float) + shift


def least_squares(classes: int) -> Callable:
    """Return (parameters, batch) -> gradients of a layer that is to give 1 for the true class."""

    def gradients(parameters, x_batch, labels_batch):
        weights, bias = parameters
        wanted = np.eye(classes)[np.asarray(labels_batch)]
        error = (np.asarray(x_batch) @ weights + bias - wanted) / len(x_batch)
        return [np.asarray(x_batch).T @ error, error.sum(axis=0)]

    return gradients


FUNCTIONS: dict[str, Callable[..., Callable]] = {
    "cubic": cubic,
    "scalar field": scalar_field,
    "linear": linear,
    "least squares": least_squares,
}


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlowError in here when the time is up, and again until it is let through.

    A signal where the system has them (it also ends a sleep); elsewhere another thread.
    """
    armed, rings = True, 0
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        home, tracer = sys._getframe(2), sys.gettrace()

        def ring(_, frame):
            nonlocal rings
            if not armed:
                return
            rings += 1
            if rings > 1:  # an ``except:`` has swallowed it: try a few lines further on, too
                _raise_at_a_later_line(rings % 8, frame, home)
            raise TooSlowError

        old = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
        try:
            yield
        finally:
            armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
            if rings > 1:
                sys.settrace(tracer)
        return
    done = threading.Event()
    here = ctypes.c_ulong(threading.get_ident())

    def watch():
        wait = seconds
        while not done.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(here, ctypes.py_object(TooSlowError))
            wait = 0.2

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(here, None)


def _raise_at_a_later_line(
    lines: int, frame: types.FrameType | None, home: types.FrameType
) -> None:
    """Raise TooSlowError once more, `lines` lines further on in the functions that `home` called.

    Where one such place lies within a ``try`` that swallows everything, another doesn't.
    """

    def count(_frame, event, _):
        nonlocal lines
        if event == "line":
            lines -= 1
            if lines < 0:
                raise TooSlowError
        return count

    while frame is not None and frame is not home:
        frame.f_trace = count
        frame = frame.f_back
    sys.settrace(lambda *_: None)  # without one, no function is followed; new ones are spared


class _Sink(io.TextIOBase):
    """Takes all that is printed, keeps the beginning."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self.text) < PRINTED:
            kept = str(text)[:PRINTED].encode("utf-8", "replace").decode()
            self.text = (self.text + kept)[:PRINTED]
        return len(text)


@contextlib.contextmanager
def _watched(sink: _Sink) -> Iterator[None]:
    """Take what is printed, let NumPy warn, answer ``input()`` with an error.

    Python's own names are put back afterwards, whatever an answer did to them.
    """

    def refuse(*_):
        raise RuntimeError("input() asks a person, and here nobody answers. Use the arguments.")

    names = vars(builtins)
    before = dict(names)
    builtins.input = refuse
    try:
        with (
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
            np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
        ):
            yield
    finally:
        names.update(before)
        if len(names) > len(before):
            for name in names.keys() - before.keys():
                del names[name]


def quiet() -> contextlib.AbstractContextManager:
    """Run a piece of a student's program: what it prints goes nowhere, ``input()`` fails."""
    return _watched(_Sink())


@contextlib.contextmanager
def _folder_for(cases: Sequence[dict]) -> Iterator[Path | None]:
    """Make a folder for the files that cases describe, where there are any."""
    given = [data for case in cases for data in (*case["args"], *(case.get("then") or ()))]
    if not any(map(_holds_a_file, given)):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="dlbook-") as folder:
        yield Path(folder)


def _holds_a_file(data: dict) -> bool:
    return data["kind"] == "file" or any(map(_holds_a_file, data.get("items", ())))


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let NumPy's products use one thread: more only slow down the small ones asked for here."""
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":  # nothing to limit, and looking is slow
        yield
        return
    try:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - optional here
    except ImportError:
        yield
        return
    with threadpool_limits(1):
        yield


@contextlib.contextmanager
def _memory_limit() -> Iterator[None]:
    """Answer a wish for more than `MEMORY` with MemoryError, where the system can (Linux).

    Without it a slip such as ``np.ones((50000, 50000))`` ends the kernel, and the student's
    work of the day with it.
    """
    if sys.platform != "linux":
        yield
        return
    import resource  # noqa: PLC0415 - not on Windows

    with open("/proc/self/statm", "rb") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = [limit for limit in (used + MEMORY, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(allowed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def _untouched_chance() -> Iterator[None]:
    """Leave Python's and NumPy's shared random state as it was."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002


def describe(error: BaseException, namespace: dict | None) -> dict:
    """Write down an exception, and the last line of the student's own code on its way."""
    own = None
    trace = error.__traceback__
    while trace is not None:
        if namespace is not None and trace.tb_frame.f_globals is namespace:
            own = trace
        trace = trace.tb_next
    described = {
        "type": type(error).__name__[:80],
        "kinds": [kind.__name__[:80] for kind in type(error).__mro__][:10],
        "message": _text_of(error)[:500],
    }
    if own is not None:
        name = own.tb_frame.f_code.co_filename
        line = linecache.getline(name, own.tb_lineno).strip()
        described |= {"line": line[:200], "line_number": own.tb_lineno}
    return described


def _text_of(message: BaseException | str) -> str:
    """Return what an exception or a warning says; nothing where its own text fails."""
    try:
        text = f"{message}"
    except Exception:
        return ""
    return text.encode("utf-8", "replace").decode()  # half a character can't be shown


def _arrays(name: str, value: object) -> list[tuple[str, np.ndarray]]:
    if isinstance(value, np.ndarray):
        return [(name, value)]
    if isinstance(value, list | tuple):
        return [pair for item in value for pair in _arrays(name, item)]
    return []


def _unchanged(now: object, before: object) -> bool:
    """Say whether an argument is as it was; a last digit lost by adding and subtracting is."""
    try:
        return _equal(now, before)
    except Exception:  # a class of the student's own has been put into a list
        return False


def _equal(now: object, before: object) -> bool:
    if isinstance(before, np.ndarray):
        if not isinstance(now, np.ndarray) or now.shape != before.shape:
            return False
        now = asarray(now)
        if now.dtype != before.dtype:
            return False
        if now.tobytes() == before.tobytes():  # as nearly always, and much quicker to see
            return True
        if before.dtype.kind != "f":
            return bool(array_equal(now, before))
        return bool(allclose(now, before, rtol=1e-12, atol=1e-14, equal_nan=True))
    if isinstance(before, list | tuple):
        if not isinstance(now, list | tuple) or len(now) != len(before):
            return False
        return all(_equal(a, b) for a, b in zip(now, before, strict=True))
    if isinstance(before, bool | int | float):  # in a list; by itself it can't change
        known = isinstance(now, bool | int | float | np.number | np.bool_)
        return known and array_equal(now, before, equal_nan=True)
    if isinstance(before, str | Path) and Path(before).is_file():
        return Path(now).is_file() and Path(now).read_bytes() == Path(before).read_bytes()
    return True
