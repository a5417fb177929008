"""Every known way to cheat a notebook grader, tried on ours: it earns nothing and hurts nobody.

All attacks are harmless even where they succeed: loops end by themselves, sizes are bounded,
sockets are this machine's own. Read from top to bottom: the parts follow the ways in.
"""

# ruff: noqa: E501 - attacks are written as attackers write them

import csv
import json
import os
import re
import shutil
import socket
import tempfile
import textwrap
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from dlbook.exercises import key
from dlbook.grading import command, grade, nbval_plugin, parents, report
from dlbook.grading.grade import Graded, Settings
from dlbook.grading.kernels import Kernel
from dlbook.grading.sandbox import Limits, NoSandboxError, require

ROOT = Path(__file__).parents[1]
SEED = 20261124
MARK = f"left-behind-{uuid.uuid4().hex}"  # on the command line of every process that stays
POINTS = {
    "layers-dense": 1, "layers-softmax": 2, "layers-cross-entropy": 2, "layers-predict": 1,
    "layers-count-parameters": 1, "layers-forward": 2,
}  # fmt: skip
WRONG = "def predict(probabilities):\n    return np.zeros(len(probabilities), int) - 1\n"
RIGHT = "def predict(probabilities):\n    return probabilities.argmax(axis=1)\n"


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> None:
    try:
        require()
    except NoSandboxError as error:
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail(f"bubblewrap must be here for this run. {error}")
        pytest.skip(f"no sandbox, so there is nothing to attack: {error}")


@pytest.fixture(autouse=True, params=["warm", "cold"])
def kernels(request, monkeypatch) -> str:
    """Attack kernels of both kinds. The parents of warm ones stay, and see every attack."""
    if request.param == "cold":
        monkeypatch.setattr(Kernel, "no_warm_ones", "this test is about cold ones")
    else:
        for withheld in {(), *(tuple(sorted(q.withheld)) for q in key.questions().values())}:
            parents.parent_for(withheld)
    yield request.param
    assert request.param == "cold" or not Kernel.no_warm_ones


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch, kernels) -> Iterator[Path]:
    """Give each test a temp folder of its own; no file and no process may stay behind."""
    folder = Path(tempfile.mkdtemp(prefix="attack-", dir="/tmp"))  # sockets need short paths
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = {*os.listdir("/tmp"), *os.listdir("/dev/shm")}
    yield folder
    give_up = time.monotonic() + 5.0  # a process that was killed is gone a moment later
    while (alive := processes(str(folder), MARK)) and time.monotonic() < give_up:
        time.sleep(0.05)
    left = [name for name in os.listdir(folder) if not name.startswith("of-the-test")]
    new = {name for name in {*os.listdir("/tmp"), *os.listdir("/dev/shm")} - before if MARK in name}
    shutil.rmtree(folder, ignore_errors=True)
    assert not alive
    assert not left
    assert not new


def processes(*texts: str) -> list[str]:
    """Return the command lines on this machine that hold one of the texts, zombies left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if any(text in line for text in texts):
            found.append(line)
    return found


def notebook(
    answers: dict[str, str], name: str = "layers", first: str = "", last: str = ""
) -> dict:
    """Return the solutions' notebook with other sources in some cells, and cells around them."""
    data = json.loads((ROOT / "solutions" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in data["cells"]:
        id_ = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if id_ in answers:
            cell["source"] = answers[id_]
    before = [code(first)] if first else []
    after = [code(last)] if last else []
    data["cells"] = [data["cells"][0], *before, *data["cells"][1:], *after]
    return data


def code(source: str, **metadata) -> dict:
    return {
        "cell_type": "code", "source": source, "metadata": metadata, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def packed(data: dict) -> bytes:
    return json.dumps(data).encode()


def graded(answers: dict[str, str], seconds: float = 2.0, patience: float = 60.0, **more) -> Graded:
    """Grade a notebook with these answers; it must be done within `patience` seconds."""
    around = {name: more.pop(name) for name in ("first", "last", "name") if name in more}
    settings = Settings(seed=SEED, question_seconds=seconds, **more)
    name = around.get("name", "layers")
    started = time.monotonic()
    found = grade.grade(packed(notebook(answers, **around)), f"{name}.ipynb", settings)
    assert time.monotonic() - started < patience
    return found


def assert_lost(found: Graded, *lost: str) -> None:
    """Assert that these questions earned nothing, and every other one all of its points."""
    wanted = {name: 0 if name in lost else points for name, points in POINTS.items()}
    assert {r.question: r.points for r in found.results} == wanted, [
        r.feedback for r in found.results if r.points != wanted[r.question]
    ]
    assert {r.question: r.max_points for r in found.results} == POINTS


def of(found: Graded, question: str = "layers-predict"):
    return next(result for result in found.results if result.question == question)


def attack(body: str, then: str = "return np.zeros(len(probabilities), int) - 1") -> str:
    """Return a predict that runs some lines and then answers wrongly."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return f"def predict(probabilities):\n{lines}\n    {then}\n"


def reporting(body: str) -> str:
    """Return a predict that collects in `found` and tells it in an error."""
    return attack(f"found = []\n{textwrap.dedent(body)}", "raise RuntimeError(f'FOUND{found}')")


# What a notebook says to its tools is not said to the grader -----------------------------------


@pytest.mark.parametrize("comment", [
    "# NBVAL_SKIP", "# NBVAL_IGNORE_OUTPUT", "#NBVAL_CHECK_OUTPUT", "# NBVAL_RAISES_EXCEPTION",
    "### BEGIN SOLUTION", "# BEGIN SOLUTION", "#| eval: false", "# BEGIN HIDDEN TESTS",
    "# AUTOTEST", "%%script false --no-raise-error", "%reset -f", "!exit 0",
])  # fmt: skip
def test_a_comment_that_switches_checks_off_switches_nothing_off(comment):
    assert_lost(graded({"layers-predict": f"{comment}\n{WRONG}"}), "layers-predict")


def test_tags_points_locks_and_deleted_checks_change_no_mark():
    data = notebook({"layers-predict": WRONG})
    for cell in data["cells"]:
        marks = cell["metadata"].setdefault("nbgrader", {})
        cell["metadata"]["tags"] = [
            "nbval-skip", "nbval-ignore-output", "raises-exception", "skip-execution", "nbval-xfail",
        ]  # fmt: skip
        if cell["cell_type"] == "code":
            marks |= {"points": 100, "locked": True, "solution": False, "grade": True, "task": True}
    data["cells"] = [c for c in data["cells"] if "check(" not in "".join(c["source"])]
    data["metadata"]["kernelspec"] = {"name": "forged", "display_name": "f", "language": "bash"}
    found = grade.grade(packed(data), "layers.ipynb", Settings(SEED, question_seconds=2))
    assert_lost(found, "layers-predict")


def test_another_question_s_id_earns_nothing_for_this_one():
    data = notebook({"layers-predict": WRONG})
    for cell in data["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade_id") == "layers-predict":
            marks["grade_id"] = "layers-dense"
    found = grade.grade(packed(data), "layers.ipynb", Settings(SEED, question_seconds=2))
    assert_lost(found, "layers-predict")


def test_a_check_of_one_s_own_that_always_says_correct_convinces_nobody():
    source = """
import sys, types
fake = types.ModuleType("dlbook.exercises")
fake.check = fake.hint = fake.progress = lambda *a, **k: print("Correct: layers-predict, 1 point.")
sys.modules["dlbook.exercises"] = fake
def check(*_): return "Correct"
"""
    assert_lost(graded({"layers-predict": source + WRONG}, first=source), "layers-predict")


# Reading: there is nothing to be read ----------------------------------------------------------

READING = {
    "the answer key by name": """
        import importlib, importlib.util
        for name in ("dlbook.exercises.key", "dlbook.exercises.layers", "dlbook.exercises.verdict",
                     "dlbook.exercises.question", "dlbook.exercises.answers", "dlbook.grading.oracle",
                     "dlbook.grading.grade", "dlbook.losses", "dlbook.layers", "dlbook.worked"):
            try:
                importlib.invalidate_caches()
                module = importlib.import_module(name)
                found.append(name)
            except Exception: pass
        for name in ("reference", "softmax", "Judge"):
            import dlbook
            if hasattr(dlbook, name): found.append(name)
    """,
    "the answer key through other paths": """
        import glob, importlib.util, site, sys, os
        roots = {*sys.path, *site.getsitepackages(), PROJECT, os.path.dirname(PROJECT), "/lesson"}
        for root in roots:
            for pth in glob.glob(f"{root}/*.pth"):
                try: roots = roots | {line.strip() for line in open(pth)}
                except OSError: pass
        for root in roots:
            for name in ("layers", "key", "verdict", "neuron"):
                for path in (f"{root}/dlbook/exercises/{name}.py", f"{root}/dlbook/{name}.py",
                             f"{root}/build/lib/dlbook/exercises/{name}.py"):
                    try:
                        spec = importlib.util.spec_from_file_location("stolen", path)
                        module = importlib.util.module_from_spec(spec)
                        spec.loader.exec_module(module)
                        found.append(path)
                    except Exception: pass
    """,
    "the solutions, anywhere in the file system": """
        import os, time
        end = time.monotonic() + 10
        words = (b"rows = np.arange(len(lab" + b"els))", b"true = probabilities[rows, lab" + b"els]",
                 b"layers-cross" + b"-entropy", b"BEGIN SOLU" + b"TION")
        for root in ("/lesson", "/tmp", PROJECT, "/home", "/root", "/mnt", "/opt", "/srv", "/var",
                     "/run", "/etc", "/dev/shm"):
            for folder, folders, names in os.walk(root):
                if time.monotonic() > end: found.append("no time left"); break
                if folder.endswith(("site-packages", "python3.11", "python3.12", "python3.13")):
                    folders[:] = [f for f in folders if "dlbook" in f or f == "site-packages"]
                for name in names:
                    path = os.path.join(folder, name)
                    if not name.endswith((".py", ".ipynb", ".md", ".html", ".json", ".pyc")): continue
                    try:
                        if os.path.getsize(path) < 2_000_000:
                            text = open(path, "rb").read()
                            found += [path for word in words if word in text]
                    except OSError: pass
    """,
    "places outside": """
        import os
        for path in (OUTSIDE, PROJECT + "/dlbook", PROJECT + "/solutions", "/root/.ssh",
                     "/home", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/var", "/run", "/sys",
                     "/dev/sda", "/dev/mem", "/dev/kmsg", "/proc/1/root" + PROJECT + "/dlbook",
                     "/proc/1/root/etc/passwd", "/proc/1/cwd" + PROJECT, "/oldroot", "/newroot"):
            try:
                if os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1):
                    found.append(path)
            except OSError: pass
        for number in os.listdir("/proc"):
            if number.isdigit():
                for way in ("root", "cwd"):
                    try:
                        found += [path for path in os.listdir(f"/proc/{number}/{way}")
                                  if path in ("main", "home", "var", "boot", "srv", "mnt")]
                    except OSError: pass
    """,
    "the environment": """
        import glob, os
        texts = [str(dict(os.environ)).encode()]
        for path in (*glob.glob("/proc/*/environ"), *glob.glob("/proc/*/task/*/environ")):
            try: texts.append(open(path, "rb").read())
            except OSError: pass
        found += ["the secret" for text in texts if b"grader-" + b"secret" in text]
    """,
    "the grader's processes": """
        import glob, os
        for path in glob.glob("/proc/[0-9]*"):
            try: line = open(path + "/cmdline", "rb").read()
            except OSError: continue
            found += [path for word in (SEED_TEXT.encode(), b"pytest", b"systemd") if word in line]
            if int(path.rsplit("/")[-1]) in (os.getpid(), os.getpid() + 1): continue
            for name in ("mem", "fd", "maps"):
                try:
                    if name == "fd": seen = [os.readlink(path + "/fd/" + n) for n in "0123456789"]
                    else: seen = open(path + "/" + name, "rb").read(1)
                    if int(path.rsplit("/")[-1]) == os.getppid() and seen: found.append(path + name)
                except OSError: pass
    """,
    "the kernel's memory": """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.restype = ctypes.c_long
        for request in (16, 0x4206):
            if libc.ptrace(request, os.getppid(), None, None) == 0: found.append("ptrace")
        class Piece(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        target = ctypes.create_string_buffer(8)
        local = Piece(ctypes.addressof(target), 8)
        here = Piece(id(os), 8)  # a fork has the same addresses
        if libc.process_vm_readv(os.getppid(), ctypes.byref(local), 1, ctypes.byref(here), 1, 0) > 0:
            found.append("process_vm_readv")
        if libc.syscall(438, libc.syscall(434, os.getppid(), 0), 4, 0) > 0: found.append("pidfd_getfd")
    """,
    "frames and objects": """
        import gc, sys, types
        words = ("reference", "Judge", "Question", "Verdict", "wanted", "reference_observations")
        frame = sys._getframe()
        while frame is not None:
            for space in (frame.f_locals, frame.f_globals):
                found += [word for word in words if word in space]
            frame = frame.f_back
        for thing in gc.get_objects():
            if isinstance(thing, type) and thing.__name__ in ("Judge", "Question", "Mistake"):
                found.append(thing.__name__)
            if isinstance(thing, types.FunctionType):
                if thing.__module__ in ("dlbook.exercises.layers", "dlbook.losses", "dlbook.layers"):
                    found.append(thing.__qualname__)
            if isinstance(thing, dict) and "right" in thing and "mistake" in thing:
                found.append("a verdict")
    """,
    "programs": """
        import subprocess
        for words in (["git", "-C", PROJECT, "log"], ["bwrap", "--bind", "/", "/", "ls"],
                      ["sudo", "-n", "ls", "/root"], ["su", "-c", "ls"], ["mount", "/dev/sda", "/tmp"],
                      ["chroot", "/proc/1/root", "ls", PROJECT], ["unshare", "-Ur", "ls", "/"],
                      ["nsenter", "-t", "1", "-a", "ls", PROJECT], ["dmesg"]):
            try:
                done = subprocess.run(words, capture_output=True, timeout=2)
                if done.returncode == 0 and words[0] != "bwrap": found.append(words[0])
                if b"pyproject" in done.stdout: found.append(words[0])
            except (OSError, subprocess.TimeoutExpired): pass
    """,
}


@pytest.mark.parametrize("name", READING)
def test_nothing_is_found_by_reading(name, monkeypatch, nothing_stays):
    monkeypatch.setenv("DLBOOK_TEST_SECRET", "grader-secret")
    outside = nothing_stays / "of-the-test" / "another student"
    outside.mkdir(parents=True)
    (outside / "layers.ipynb").write_bytes(packed(notebook({})))
    known = f"OUTSIDE, PROJECT, SEED_TEXT = {str(outside)!r}, {str(ROOT)!r}, '2026' + '1124'\n"
    source = known + reporting(READING[name])
    found = graded({"layers-predict": source}, seconds=15, hidden=[str(outside)])
    assert_lost(found, "layers-predict")
    assert "FOUND[]" in of(found).feedback


def test_no_answer_reads_another_submission_or_the_gradebook(nothing_stays):
    place = nothing_stays / "of-the-test"
    source = f"PLACE = {str(place)!r}\n" + reporting("""
        import os, sys
        for folder, folders, names in os.walk(PLACE): found += names
        for folder, folders, names in os.walk("/tmp"):
            folders[:] = [f for f in folders if os.path.join(folder, f) != sys.prefix]
            found += [name for name in names if name.endswith((".ipynb", ".sqlite", ".csv"))]
    """)
    done = graded_class(place, {"ann": notebook({}), "bob": notebook({"layers-predict": source})})
    texts = {r["student"]: r["feedback"] for r in done.data["results"]
             if r["question"] == "layers-predict"}  # fmt: skip
    assert "FOUND[]" in texts["bob"]
    assert [r["points"] for r in done.data["results"] if r["student"] == "ann"] == [
        *POINTS.values()
    ]


# Patching: what judges stands elsewhere --------------------------------------------------------

PATCHES = {
    "builtins": """
        import builtins
        for name in ("isinstance", "len", "print", "compile", "exec", "open", "__import__", "callable",
                     "type", "hasattr", "getattr", "zip", "sorted", "all", "any", "abs", "float", "str"):
            setattr(builtins, name, lambda *a, **k: True)
    """,
    "comparisons of NumPy": """
        import numpy
        yes = lambda *a, **k: True
        for name in ("allclose", "array_equal", "isclose", "array_equiv", "asarray", "may_share_memory",
                     "ascontiguousarray", "shares_memory", "all", "any", "abs", "equal"):
            setattr(numpy, name, yes)
        for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
            setattr(numpy.testing, name, yes)
    """,
    "modules": """
        import sys
        class Yes:
            def __getattr__(self, name): return lambda *a, **k: True
        for name in ("json", "time", "os", "numpy", "base64", "dlbook.exercises.probe",
                     "dlbook.exercises.plain", "dlbook.exercises", "dlbook", "linecache", "signal"):
            sys.modules[name] = Yes()
    """,
    "json and files": """
        import base64, json, os
        json.dumps = lambda *a, **k: '{"attempted": false}'
        json.JSONEncoder.default = lambda *a: True
        base64.b64encode = lambda data: b"AAAA"
        os.write = lambda *a: 10**9
        os.fork = lambda: 0
        os._exit = lambda *a: None
    """,
    "time": """
        import time, datetime
        for name in ("time", "monotonic", "process_time", "perf_counter", "sleep"):
            setattr(time, name, lambda *a: 0.0)
    """,
    "traces and signals": """
        import sys, signal, warnings
        def lies(frame, event, value):
            frame.f_trace_lines = False
            return lies
        sys.settrace(lies); sys.setprofile(lambda *a: None)
        for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        signal.setitimer = lambda *a: None
        warnings.warn = warnings.showwarning = lambda *a, **k: None
        sys.excepthook = sys.unraisablehook = lambda *a: None
    """,
    "the probe": """
        import dlbook.exercises.probe as probe, dlbook.exercises.plain as plain
        import dlbook.grading.inside as inside, dlbook.grading
        for module in (probe, plain, inside):
            for name, thing in list(vars(module).items()):
                if callable(thing) and not isinstance(thing, type):
                    setattr(module, name, lambda *a, **k: True)
    """,
    "IPython": """
        from IPython import get_ipython as real
        import IPython.display, IPython.core.interactiveshell as s
        shell = real() or s.InteractiveShell._instance
        if shell is not None:
            shell.input_transformers_post.append(lambda lines: ["pass"])
            shell.ast_transformers.append(None)
            shell.run_cell = shell.display_pub.publish = lambda *a, **k: None
            shell.user_ns.clear()
        s.InteractiveShell.run_cell = lambda *a, **k: None
        display = print = get_ipython = None
    """,
    "threads": """
        import threading, sys
        def later():
            import time
            for _ in range(30):
                time.sleep(0.1); sys.stdout.write("Correct\\n"); sys.__stdout__.write("Correct\\n")
        for _ in range(5): threading.Thread(target=later, daemon=True).start()
        threading.Thread.start = threading.Event.wait = lambda *a: True
        import atexit; atexit.register(later)
        sys.setswitchinterval(10)
    """,
}


@pytest.mark.parametrize("name", PATCHES)
@pytest.mark.parametrize("where", ["inside", "at the top"])
def test_a_patch_makes_no_wrong_answer_right_and_no_right_one_wrong(name, where):
    if where == "inside":
        found = graded({"layers-predict": attack(PATCHES[name])})
    else:  # in the cell, in another one, and with a function that is wrong by itself
        top = textwrap.dedent(PATCHES[name])
        found = graded({"layers-predict": top + WRONG}, first=top, last=top)
    assert_lost(found, "layers-predict")


# Values that lie --------------------------------------------------------------------------------

LIARS = {
    "equal to everything": """
        class Same:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
            def __len__(self): return len(probabilities)
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            def __bool__(self): return True
        return Same()
    """,
    "an __array__": """
        class Says:
            dtype, shape, ndim = np.dtype(int), (len(probabilities),), 1
            def __array__(self, *a, **k): return np.zeros(len(probabilities), int) - 1
            def __array_ufunc__(self, *a, **k): return True
            def __array_function__(self, *a, **k): return True
            def __float__(self): return 0.0
            def __index__(self): return 0
        return Says()
    """,
    "a subclass of ndarray": """
        class Lies(np.ndarray):
            dtype = property(lambda s: np.dtype(int)); size = property(lambda s: len(probabilities))
            shape = property(lambda s: (len(probabilities),)); ndim = property(lambda s: 1)
            def __eq__(self, other): return True
            def __array_ufunc__(self, *a, **k): return np.True_
            def __array_function__(self, *a, **k): return True
            def __array_finalize__(self, other): pass
            def tobytes(self, *a): return b""
            def tolist(self): return []
            def astype(self, *a, **k): return self
        return (np.zeros(len(probabilities), int) - 1).view(Lies)
    """,
    "subclasses of str, float, int": """
        class S(str):
            def __getitem__(self, key): return self
            def __eq__(self, other): return True
            __hash__ = str.__hash__
        class F(float):
            def hex(self): return "0x0p+0"
            def __eq__(self, other): return True
            __hash__ = float.__hash__
        class I(int):
            def __int__(self): return 0
            def __eq__(self, other): return True
            def __abs__(self): return 0
            __hash__ = int.__hash__
        return [I(-1), F(-1), S("-1")][len(probabilities) % 3:] + [I(-1)]
    """,
    "lists that lie": """
        class L(list):
            def __len__(self): return len(probabilities)
            def __iter__(self): return iter([0] * len(probabilities))
            def __getitem__(self, key): return 0
        return L([-1] * len(probabilities))
    """,
    "a lying __class__": """
        class C:
            __class__ = property(lambda self: np.ndarray)
            shape = property(lambda self: (len(probabilities),))
            def __eq__(self, other): return True
        return C()
    """,
    "a generator": "return (-1 for _ in range(10**9))",
    "methods that fail": """
        class Bad(np.ndarray):
            def __getattribute__(self, name): raise SystemExit(0)
        return np.zeros(3).view(Bad)
    """,
    "a list in itself": "a = []; a.append(a); return a",
    "a metaclass": """
        class M(type):
            __name__ = property(lambda c: None)
            def __instancecheck__(c, i): return True
            def __eq__(c, o): return True
            def __hash__(c): return 0
        class C(metaclass=M): pass
        return C()
    """,
    "objects in an array": """
        class Same:
            def __eq__(self, other): return True
        return np.array([Same() for _ in probabilities], dtype=object)
    """,
    "not numbers": "return np.full(len(probabilities), np.nan)",
    "a strange dtype": "return np.zeros(len(probabilities), [('a', 'i4'), ('b', 'O')])",
}


@pytest.mark.parametrize("name", LIARS)
def test_a_value_that_lies_is_not_believed(name):
    assert_lost(graded({"layers-predict": attack(LIARS[name], "")}), "layers-predict")


def test_pickles_are_never_opened(nothing_stays):
    source = f"""
        import os, pickle
        class Bomb:
            def act(self): return os.system, ("touch {nothing_stays}/pickled /tmp/{MARK}",)
            def __reduce__(self): return self.act()
            def __reduce_ex__(self, version): return self.act()
            def __getstate__(self): return self.act()
            def __array__(self, *a, **k): return np.array([self.act()], dtype=object)
        return [Bomb(), np.array([Bomb()], dtype=object), pickle.dumps(Bomb())]
    """
    assert_lost(graded({"layers-predict": attack(source, "")}), "layers-predict")
    assert not (nothing_stays / "pickled").exists()


# Forged observations ----------------------------------------------------------------------------

FORGED = {
    "wrong values": r"""C{"outcome": "returned", "value": {"kind": "list", "items": []}}""",
    "no value": r"""C{"outcome": "returned"}""",
    "an unknown outcome": r"""C{"outcome": "correct", "points": 100}""",
    "a verdict": r"""V{"outcome": "correct", "points": 100}""",
    "NaN": r"""C{"outcome": "returned", "value": {"kind": "float", "value": NaN}, "cpu_seconds": -Infinity}""",
    "texts for numbers": r"""C{"outcome": "returned", "value": {"kind": "int", "value": "1_0x"}}""",
    "a huge shape": r"""C{"outcome": "returned", "value": {"kind": "array", "dtype": "float64", "shape": [99999999999999999999, 1e999], "data": ""}}""",
    "an object dtype": r"""C{"outcome": "returned", "value": {"kind": "array", "dtype": "object", "shape": [1], "data": "AAAAAAAAAAA="}}""",
    "half of base64": r"""C{"outcome": "returned", "value": {"kind": "array", "dtype": "int64", "shape": [-1], "data": "!!!"}}""",
    "an opaque": r"""C{"outcome": "returned", "value": {"kind": "other", "type": [[1]], "shape": {"a": 1}}}""",
    "lists for texts": r"""C{"outcome": "raised", "error": {"type": [], "kinds": 5, "message": {}, "line": null}}""",
    "no JSON": "C{{{{\xff\x00",
    "not a dict": "C[1, 2]\nC5\nCnull\nO[]\nN[]",
}  # fmt: skip
WRITE = """
import os
def predict(probabilities):
    for number in range(3, 256):
        try:
            os.set_blocking(number, False)
            os.write(number, LINES)
        except OSError:
            pass
    os._exit(0)
"""


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("count", [1, 500])
def test_forged_observations_earn_nothing(name, count):
    lines = "\n".join(['O{"attempted": true}', *[FORGED[name]] * count, "end\n"])
    if count > 1 and name not in ("wrong values", "NaN", "not a dict"):
        pytest.skip("once is enough")
    source = f"LINES = {lines.encode('latin-1')!r}\n{WRITE}"
    assert_lost(graded({"layers-predict": source}), "layers-predict")


@pytest.mark.parametrize(("name", "lines"), {
    "deep": "b'O{\"attempted\": true}\\nC' + b'[' * 10**6 + b'\\n'",
    "long": "b'O{\"attempted\": true}\\nC{\"' + b'a' * 10**7 + b'\": 1}\\n'",
    "a number": "b'O{\"attempted\": true}\\nC{\"a\": ' + b'9' * 10**6 + b'}\\n'",
    "no end": "b'C' + b'a' * 4 * 10**7",
    "many": "b'N{}\\n' * 10**6",
    "short": "b'C\\n' * 5 * 10**6",
}.items())  # fmt: skip
def test_forged_observations_of_any_size_are_read_in_bounded_time(name, lines):
    source = f"LINES = {lines}\n{WRITE.replace('False', 'True').replace('(3, 256)', '(3, 4)')}"
    assert_lost(graded({"layers-predict": source}, patience=30), "layers-predict")


def test_a_flood_of_bytes_does_not_fill_the_grader_s_memory():
    """Each byte may become several on its way: within the limit, hundreds of megabytes."""
    write = WRITE.replace("False", "True").replace("(3, 256)", "(3, 4)")
    source = f"LINES = b'\\xff' * 20_000_000\n{write}"
    peak, done = [0], threading.Event()

    def watch():
        while not done.wait(0.01):
            peak[0] = max(peak[0], resident())

    before = resident()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert_lost(graded({"layers-predict": source}), "layers-predict")
    finally:
        done.set()
        watcher.join()
    assert peak[0] - before < 256 * 2**20


def resident() -> int:
    return 4096 * int(Path("/proc/self/statm").read_text().split()[1])


def test_display_messages_of_an_answer_reach_nobody():
    data = {"token": "0" * 32, "answers": ['O{"attempted": true}\nC{}'], "ended": ""}
    source = f"""
import json
from IPython.display import display, publish_display_data
data = {{{nbval_plugin.MIME!r}: json.dumps({data!r})}}
def shout():
    for _ in range(300):
        publish_display_data(data); display(data, raw=True); print(data)
try: shout()
except Exception: pass
def predict(probabilities):
    shout()
    return -1
"""
    found = graded({"layers-predict": source}, first=source)
    assert_lost(found, "layers-predict")


def test_the_kernel_s_sockets_and_connection_file_are_out_of_reach():
    source = reporting("""
        import glob, os, socket
        for number in range(5, 1000):
            try: found.append(os.readlink(f"/proc/self/fd/{number}"))
            except OSError: pass
        for root, folders, names in os.walk("/"):
            if root.startswith(("/proc", "/usr", "/dev")) or "site-packages" in root: folders[:] = []
            else: found += [name for name in names if name.startswith("k.json")]
        for line in list(open("/proc/net/unix"))[1:]:
            words = line.split()
            if len(words) < 8: continue
            for path in (words[7], words[7].replace("@", chr(0))):
                try:
                    s = socket.socket(socket.AF_UNIX); s.settimeout(1); s.connect(path)
                    found.append(path)
                except OSError: pass
        found = [f for f in found if not f.startswith(("/proc", "/dev/null"))]
    """)
    found = graded({"layers-predict": source}, seconds=8)
    assert_lost(found, "layers-predict")
    assert "FOUND[]" in of(found).feedback


# Early exits ------------------------------------------------------------------------------------

EXITS = {
    "sys.exit": "import sys; sys.exit(0)",
    "os._exit": "import os; os._exit(0)",
    "SystemExit": "raise SystemExit('Correct')",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "exit": "exit()",
    "quit": "quit(0)",
    "kill itself": "import os; os.kill(os.getpid(), 9)",
    "kill the kernel": "import os; os.kill(os.getppid(), 9)",
    "interrupt the kernel": """
        import os, signal
        for _ in range(50): os.kill(os.getppid(), signal.SIGINT)
    """,
    "kill everybody": "import os; os.kill(-1, 9)",
    "end everybody": """
        import os, signal
        for number in (1, 2, 3, 10, 12, 15): os.kill(-1, number)
    """,
    "kill the first process": "import os; os.kill(1, 9); os.kill(1, 15)",
    "abort": "import os; os.abort()",
    "a segmentation fault": "import ctypes; ctypes.string_at(0)",
    "endless recursion": """
        import sys, threading
        sys.setrecursionlimit(10**6)
        def down(n): return down(n + 1) if n < 10**6 else n
        down(0)
    """,
    "all files closed": "import os; os.closerange(0, 1000)",
    "another program": "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
    "the fork goes on": "import os; os.fork()",
}


@pytest.mark.parametrize("name", EXITS)
def test_an_early_exit_earns_nothing_and_ends_nothing_else(name):
    assert_lost(graded({"layers-predict": attack(EXITS[name])}), "layers-predict")


def test_an_early_exit_before_the_function_is_there_ends_nothing_else():
    stops = "import os\nos.kill(os.getppid(), 9)\nos._exit(0)\n"
    assert_lost(graded({"layers-predict": stops + WRONG}), "layers-predict")
    assert_lost(graded({}, first=stops, last=stops))


def test_a_kernel_that_was_stopped_is_given_up_soon(monkeypatch):
    """A process that is stopped (SIGSTOP) is neither dead nor alive."""
    source = attack(
        "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(120)"
    )
    assert_lost(graded({"layers-predict": source}, seconds=0.5, patience=45), "layers-predict")


# Endless loops ----------------------------------------------------------------------------------

LOOPS = {
    "while": "while True: pass",
    "in C": "import itertools; sum(itertools.repeat(0, 10**11))",
    "large numbers": "10 ** 10 ** 8",
    "sleep": "import time; time.sleep(100)",
    "everything is caught": """
        import time
        end = time.monotonic() + 100
        while time.monotonic() < end:
            try:
                while time.monotonic() < end: pass
            except BaseException: pass
    """,
    "a pipe": "import os; os.mkfifo('pipe'); open('pipe').read()",
    "input": "import sys; input(); sys.stdin.read()",
    "a lock": """
        import threading
        lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=100)
    """,
    "masked signals": """
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); signal.signal(14, signal.SIG_IGN)
        time.sleep(100)
    """,
    "a stopped process": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "a slow message": """
        class Slow(Exception):
            def __str__(self):
                import time
                time.sleep(100)
        raise Slow
    """,
    "a pattern": "import re; re.match('(a+)+$', 'a' * 40 + 'b')",
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_that_never_ends_is_ended(name):
    found = graded({"layers-predict": attack(LOOPS[name])}, seconds=0.3, patience=25)
    assert of(found).points == 0
    others = [r for r in found.results if r.question != "layers-predict"]
    assert [r.points for r in others] == [r.max_points for r in others]


# Processes, threads and files that stay ---------------------------------------------------------


def test_processes_that_hide_are_ended_with_the_answer(nothing_stays):
    source = attack(f"""
        import os, signal, subprocess, sys, threading, time
        program = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(60)"
        for _ in range(3):
            subprocess.Popen([sys.executable, "-c", program, {MARK!r}], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
                end = time.monotonic() + 60
                while time.monotonic() < end:
                    time.sleep(0.05)
                    try: os.write(3, b'C{{}}\\nend\\n')
                    except OSError: pass
            os._exit(0)
        time.sleep(0.3)
    """)
    looks = reporting(f"""
        import glob
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            if {MARK!r} in open(path).read(): found.append(path)
    """).replace("def predict(probabilities)", "def count_parameters(sizes)")
    found = graded({"layers-predict": source, "layers-count-parameters": looks}, seconds=4)
    assert_lost(found, "layers-predict", "layers-count-parameters")
    assert "FOUND[]" in of(found, "layers-count-parameters").feedback


def test_poisoned_files_change_no_other_answer_and_no_other_student_sees_them():
    poison = attack(f"""
        import os, site, sys
        text = "raise RuntimeError('poisoned')"
        places = ["/lesson", "/lesson/dlbook", "/tmp", "/dev/shm", "/", "/usr/lib/python3",
                  os.path.expanduser("~"), *sys.path, *site.getsitepackages(), os.path.dirname(np.__file__),
                  "/tmp/.ipython/profile_default/startup", "/tmp/.config/matplotlib", "/tmp/dlbook",
                  "/tmp/.local/lib/python3.11/site-packages", "/tmp/.jupyter", "/tmp/__pycache__"]
        names = ["numpy.py", "json.py", "resource.py", "threadpoolctl.py", "sitecustomize.py",
                 "usercustomize.py", "dlbook.py", "x.pth", "os.py", "tempfile.py", "matplotlibrc",
                 "ipython_config.py", "__init__.py", "random.py", "{MARK}"]
        for place in places:
            try: os.makedirs(place, exist_ok=True)
            except OSError: pass
            for name in names:
                try: open(os.path.join(place, name), "w").write(text)
                except OSError: pass
        for folder in ("/tmp", "/dev/shm"):
            try: os.chmod(folder, 0o500)
            except OSError: pass
    """)
    assert_lost(graded({"layers-predict": poison}), "layers-predict")
    looks = reporting(f"""
        import os, sys
        for root in ("/tmp", "/dev/shm", "/lesson"):
            for folder, folders, names in os.walk(root):
                folders[:] = [f for f in folders if os.path.join(folder, f) != sys.prefix]
                found += [name for name in names if name in ({MARK!r}, "sitecustomize.py", "x.pth")]
    """)
    found = graded({"layers-predict": looks})
    assert_lost(found, "layers-predict")
    assert "FOUND[]" in of(found).feedback


def test_no_connection_leaves_the_sandbox(nothing_stays):
    heard = []
    listeners = [socket.socket(), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    path, abstract = str(nothing_stays / "of-the-test.s"), f"\0{MARK}"
    for listener, place in zip(listeners, [("127.0.0.1", 0), path, abstract], strict=True):
        listener.bind(place)
        listener.listen()
        listener.setblocking(False)
    port = listeners[0].getsockname()[1]
    source = f"PORT, PATH, NAME = {port}, {path!r}, {abstract!r}\n" + reporting("""
        import socket, urllib.request
        for kind, place in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_UNIX, PATH),
                            (socket.AF_UNIX, NAME), (socket.AF_INET, ("192.0.2.1", 80))):
            try:
                s = socket.socket(kind); s.settimeout(0.5); s.connect(place); s.send(b"hello")
                found.append(place)
            except OSError: pass
        for work in (lambda: socket.getaddrinfo("example.org", 80),
                     lambda: urllib.request.urlopen(f"http://127.0.0.1:{PORT}", timeout=1),
                     lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
                     lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)):
            try: work(); found.append("reached")
            except OSError: pass
        found += [name for _, name in socket.if_nameindex() if name != "lo"]
    """)
    try:
        found = graded({"layers-predict": source}, seconds=5)
        for listener in listeners:
            try:
                heard.append(listener.accept())
            except BlockingIOError:
                continue
    finally:
        for listener in listeners:
            listener.close()
    assert_lost(found, "layers-predict")
    assert "FOUND[]" in of(found).feedback
    assert not heard


# Bombs: a right answer that takes too much is ended ---------------------------------------------

SMALL = Limits(memory_bytes=512 * 2**20)
BOMBS = {
    "memory": """
        kept = []
        for _ in range(160):
            kept.append(bytearray(b"x" * 50_000_000))
    """,
    "memory of several processes": """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                kept = bytearray(b"x" * 200_000_000); time.sleep(5); os._exit(0)
        time.sleep(3)
    """,
    "shared memory": """
        import mmap, time
        kept = [mmap.mmap(-1, 100_000_000) for _ in range(8)]
        for piece in kept: piece.write(b"x" * 100_000_000)
        time.sleep(1)
    """,
    "memory in files without a name": """
        import os, time
        kept = [os.memfd_create("kept") for _ in range(16)]
        for number in kept: os.write(number, b"x" * 60_000_000)
        time.sleep(1)
    """,
    "memory in segments": """
        import ctypes, time
        libc = ctypes.CDLL(None)
        libc.shmat.restype = ctypes.c_void_p
        libc.shmdt.argtypes = [ctypes.c_void_p]
        for _ in range(16):
            number = libc.shmget(0, ctypes.c_size_t(60_000_000), 0o1600)
            place = libc.shmat(number, None, 0)
            ctypes.memset(place, 1, 60_000_000); libc.shmdt(place)
        time.sleep(1)
    """,
    "memory in a file system of its own": """
        import os, ctypes, time
        libc = ctypes.CDLL(None)
        uid = os.getuid()
        if libc.unshare(0x10020000) != 0: raise OSError("no")
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {uid} 1")):
            open(f"/proc/self/{name}", "w").write(text)
        os.mkdir("own")
        if libc.mount(b"tmpfs", b"own", b"tmpfs", 0, b"size=2g") != 0: raise OSError("no")
        for i in range(16): open(f"own/{i}", "wb").write(b"x" * 60_000_000)
        time.sleep(1)
    """,
    "processes": """
        import os, time
        for _ in range(200):
            if os.fork() == 0: time.sleep(5); os._exit(0)
        time.sleep(1)
    """,
    "threads": """
        import threading, time
        for _ in range(200): threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        time.sleep(1)
    """,
    "disk": """
        for i in range(20): open(f"/tmp/{i}", "wb").write(b"x" * 50_000_000)
    """,
    "one large file": """
        import os
        with open("/tmp/large", "wb") as file:
            for _ in range(100): file.write(b"x" * 1_000_000)
    """,
    "shared files": """
        for i in range(8): open(f"/dev/shm/{i}", "wb").write(b"x" * 30_000_000)
    """,
    "open files": "kept = [open('/dev/null') for _ in range(2000)]",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_right_answer_that_takes_too_much_is_ended(name):
    once = textwrap.indent(textwrap.dedent(BOMBS[name]), "    ")
    body = attack(
        f"if not hasattr(predict, 'done'):\n{once}\n    predict.done = True",
        "return probabilities.argmax(axis=1)",
    )
    found = graded({"layers-predict": body}, seconds=6, limits=SMALL)
    assert_lost(found, "layers-predict")


@pytest.mark.parametrize("body", [
    "import sys\nfor _ in range(200): print('x' * 10**6); sys.stderr.write('y' * 10**5)",
    "import os\nfor _ in range(200): os.write(1, b'x' * 10**6); os.write(2, b'x' * 10**6)",
    "import warnings\nfor i in range(20_000): warnings.warn(f'{i}' * 100)",
    "from IPython.display import display\nfor i in range(500): display(i)",
    "import logging\nfor i in range(20_000): logging.error('x' * 1000)",
])  # fmt: skip
def test_a_right_answer_that_says_too_much_is_right(body):
    found = graded({"layers-predict": attack(body, "return probabilities.argmax(axis=1)")}, 5)
    assert_lost(found)


@pytest.mark.parametrize("body", [
    "return np.zeros(10**7)",
    "return [0] * 10**7",
    "return [[np.zeros(1000)] * 100] * 100",
    "return 'x' * 10**8",
    "return 10 ** 10 ** 5",
    "raise ValueError('x' * 10**8)",
    "raise type('T' * 10**6, (Exception,), {})('m')",
    "return type('T' * 10**6, (), {})()",
    "x = type('x', (), {})\nfor i in range(10**5): setattr(x, 'a' * 1000 + str(i), 1)\nreturn x",
    "return np.zeros((1,) * 60)",
])  # fmt: skip
def test_a_wrong_answer_of_any_size_is_wrong_and_told_briefly(body):
    found = graded({"layers-predict": attack(body, "")}, 4)
    assert_lost(found, "layers-predict")
    assert len(of(found).feedback) < 10_000


def test_questions_that_nobody_may_ask_do_not_blind_the_watch():
    """Whoever writes to the oracle's wire and never reads must not stop the kernel's watching."""
    source = attack("""
        import os, time
        os.set_blocking(3, True)
        for _ in range(20): os.write(3, b"?\\n" * 20_000)
        time.sleep(100)
    """)
    assert_lost(graded({"layers-predict": source}, seconds=0.3, patience=25), "layers-predict")


# The oracle, which puts earlier answers right ---------------------------------------------------

NO_DENSE = "def dense(x, weights, bias):\n    return x @ weights - bias\n"


def with_wrong_dense(body: str, seconds: float = 2.0, patience: float = 90.0) -> Graded:
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    forward = f"def forward(x, layers):\n{lines}\n"
    return graded({"layers-dense": NO_DENSE, "layers-forward": forward}, seconds, patience)


def test_an_earlier_wrong_answer_is_put_right_for_a_later_one():
    assert_lost(graded({"layers-dense": NO_DENSE}), "layers-dense")


@pytest.mark.parametrize("body", [
    """
    import inspect
    found = []
    value = dense(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))
    if value[0, 0] == 2: found.append("put right")
    for text in (inspect.getsource, lambda f: f.__globals__["reference"],
                 lambda f: f.__closure__[0].cell_contents.__globals__["key"]):
        try: found.append(str(text(dense))[:50])
        except Exception: pass
    raise RuntimeError(f"FOUND{found}")
    """,
    """
    if dense(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))[0, 0] == 2:
        for i in range(100_000): dense(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))
    return x
    """,
    """
    if dense(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))[0, 0] == 2:
        for a in (np.ones((900, 900)), dense, print, [[]], "x", None, -1, 10**4000, float("nan"),
                  [np.ones((500, 500))] * 3, {"a": 1}, [[[[[[[[1]]]]]]]], b"x" * 10**6):
            for b in ((a, a, a), (a,), (), (np.ones((10**5, 1)), np.ones((1, 10**5)), 0)):
                try: dense(*b)
                except Exception: pass
                try: dense(x=a, weights=a, bias=a, __class__=a)
                except Exception: pass
    return x
    """,
    r"""
    import os
    if dense(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))[0, 0] == 2:
        for line in (b'?{"name": "forward", "arguments": [], "named": {}}', b"?", b"?5", b"?" + b"[" * 900,
                     b"?" + b"[" * 10**5, b'?{"name": "__class__"}', b'?{"name": ["dense"]}', b"?NaN",
                     b'?{"name": "dense", "arguments": [{"kind": "other"}], "named": {}}',
                     b'?{"name": "dense", "arguments": {"a": 1}, "named": 1}', b"?\xff\xfe"):
            os.write(3, line + b"\n"); os.read(4, 10**6)
    return x
    """,
], ids=["source", "calls", "arguments", "forged"])  # fmt: skip
def test_the_oracle_gives_nothing_away_and_bears_everything(body):
    found = with_wrong_dense(body)
    assert_lost(found, "layers-dense", "layers-forward")
    assert "reference" not in of(found, "layers-forward").feedback


@pytest.mark.parametrize("way", [
    "print(secret); return x",
    "raise RuntimeError(secret)",
    "raise ValueError(secret)",
    "import warnings; warnings.warn(secret); return secret",
    "return [float(n) for n in dense(np.full((1, 1), 31.0), np.full((1, 1), 41.0), np.ones(1))[0]]",
])  # fmt: skip
def test_what_the_oracle_returned_is_not_shown_to_the_student(way):
    found = with_wrong_dense(
        "secret = str(dense(np.full((1, 1), 31.0), np.full((1, 1), 41.0), np.ones(1)).sum())\n"
        + way
    )
    assert_lost(found, "layers-dense", "layers-forward")
    assert all("1272" not in str(result.as_data()) for result in found.results)
    assert all("1272" not in note for note in found.notes)


def test_what_the_oracle_returned_is_not_shown_in_the_words_of_a_known_error():
    """The words of a known mistake's error, with other numbers in them, are those words."""
    known = "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc " \
            "signature (n?,k),(k,m?)->(n?,m?) (size {} is different from {})"  # fmt: skip
    found = with_wrong_dense(f"""
        right = dense(np.full((1, 1), 31.0), np.full((1, 1), 41.0), np.ones(1)).sum()
        if right == 1272:
            raise ValueError({known!r}.format(int(right), int(right)))
        raise RuntimeError("not yet")
    """)
    assert_lost(found, "layers-dense", "layers-forward")
    assert all("1272" not in str(result.as_data()) for result in found.results)


# An argument that is changed stays changed ------------------------------------------------------

CHANGES = "def relu(z):\n{}    z[z < 0] = 0\n    return z\n"


@pytest.mark.parametrize("patch", [
    "",
    "np.array_equal = np.allclose = lambda *a, **k: True",
    "np.may_share_memory = np.shares_memory = lambda *a, **k: False",
    "import copy, sys; np.asarray = lambda a, *k: a; np.ndarray = list",
    "import dlbook.exercises.probe as p; p._unchanged = p._equal = lambda *a: True\n"
    "import dlbook.exercises.plain as q; q.may_share_memory = lambda *a: False",
    "import dlbook.grading.inside as i; i.probe._unchanged = lambda *a: True\n"
    "i.plain.may_share_memory = lambda *a: False",
], ids=["plain", "equal", "share", "asarray", "the probe", "inside"])  # fmt: skip
def test_an_answer_that_changes_its_argument_stays_wrong_whatever_it_patches(patch):
    body = CHANGES.format(textwrap.indent(f"{patch}\n", "    ") if patch else "")
    found = graded({"neuron-relu": body}, name="neuron")
    assert of(found, "neuron-relu").points == 0
    others = [r for r in found.results if r.question != "neuron-relu"]
    assert [r.points for r in others] == [r.max_points for r in others]


# Names and texts: nothing is ever run where it is read ------------------------------------------

NAMES = [
    '=HYPERLINK("http:x","y")', "+cmd|' C calc'!A0", "-1+1", "@SUM(1)", "<script>alert(1)<script>",
    "<img src=x onerror=alert(1)>", "\x1b[31mred\x1b]0;title\x07", "ann\u202egpj.exe", "\tTab",
    "a&b\"'", "CON", "nul.txt", "..", "...", "x" * 200, "Ann", "ann", "ann ", "e\u0301", "\u00e9",
    "a\nb", " =1+1", "\ufeff=1+1", "{{ 7*7 }}", "%0a", "\\\\host\\share",
]  # fmt: skip
TEXTS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href=javascript:1>x</a>",
    "]]></pre></code><svg/onload=1>", "=cmd|' /C calc'!A0", "\x1b[2J\x1b[31m", "\u202etxt",
    "{{ 7*7 }}{% raw %}", "\0\x08\x7f\x9b", "\ud800",
]  # fmt: skip


def graded_class(place: Path, students: dict[str, dict], **options) -> command.Done:
    """Grade a folder with a folder of its own for each student."""
    for name, data in students.items():
        folder = place / "submissions" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "layers.ipynb").write_bytes(packed(data))
    return command.grade(
        command.Options(
            place / "submissions", place / "marks", workers=1, seed=SEED, question_seconds=2,
            memory_mb=1024, **options,
        )
    )  # fmt: skip


def assert_harmless(done: command.Done) -> None:
    pages = [done.out / "report.html", *(done.out / "feedback").rglob("*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        soup = BeautifulSoup(text, "html.parser")
        assert not soup.find_all(["img", "iframe", "object", "embed", "form", "base"]), page
        is_report = page.name == "report.html"  # it has one script, links within it, drawings
        scripts = [tag.string for tag in soup.find_all("script")]
        assert scripts == [read_own("report.js")] * is_report, page
        assert is_report or not soup.find_all(["a", "svg"]), page
        assert all(link["href"].startswith("#") for link in soup.find_all("a")), page
        drawn = {tag.name for svg in soup.find_all("svg") for tag in svg.find_all(True)}
        assert drawn <= {"circle", "defs", "line", "path", "pattern", "rect", "text"}, page
        assert not [tag for tag in soup.find_all(True) for key in tag.attrs if key.startswith("on")]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), page
    with (done.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [c for c in cells if c.lstrip(" \u00a0\ufeff").startswith(tuple("=+-@\t\r\n|"))]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.text())


def read_own(name: str) -> str:
    """Return a file that pages are made from."""
    return (Path(report.__file__).parent / "pages" / name).read_text(encoding="utf-8")


def few(data: dict, answer: str) -> dict:
    """Return a notebook with one answer only: it is graded faster."""
    source = {"layers-predict": answer}
    cells = [code(s, nbgrader={"grade_id": name}) for name, s in source.items()]
    return {**data, "cells": cells}


def test_names_of_students_are_harmless_wherever_they_are_shown(nothing_stays):
    place = nothing_stays / "of-the-test"
    names = [name for name in NAMES if name.strip(".") and len(name.encode()) < 256]
    base = notebook({})
    students = {name.replace("/", ""): few(base, WRONG) for name in names}
    done = graded_class(place, students)
    assert_harmless(done)
    written = [*(done.out / "feedback").rglob("*.html")]
    owners = {row["student"] for row in done.data["rows"] if row["notebook"] == "layers"}
    assert len(written) == len(owners)  # nobody's page was overwritten
    assert len({str(path).casefold() for path in written}) == len(written)
    assert all(path.resolve().is_relative_to(done.out.resolve()) for path in written)
    assert len(owners) >= len(students) - 6  # names that differ in invisible things may be one


def test_texts_of_answers_are_harmless_wherever_they_are_shown(nothing_stays):
    ways = [
        "raise ValueError({!r})",
        "print({!r}); return {!r}",
        "x = {!r}; raise type({!r}.replace(chr(0), ''), (Exception,), {{}})('m')",
        "import warnings; warnings.warn({!r}); return type('T<b>', (), {{}})()",
    ]
    base, everything = notebook({}), "".join(TEXTS)
    students = {}
    for number, way in enumerate(ways):
        body = way.replace("{!r}", ascii(everything)).replace("{{}}", "{}")
        students[f"s{number}"] = few(base, f"def predict(p):\n    {body}\n")
    raw = few(base, f"def predict(p): # {everything}\n    raise ValueError # {everything}\n")
    broken = few(base, f"def predict(p) {everything}\n    return {everything}\n")
    students |= {"raw": raw, "broken": broken}
    place = nothing_stays / "of-the-test"
    odd = place / "submissions" / "odd"
    odd.mkdir(parents=True)
    (odd / "=1+1 <script>alert(1)<script>.ipynb").write_bytes(b"{}")
    (odd / "\x1b[31mlayers.ipynb").write_bytes(b"<script>")
    done = graded_class(place, students)
    assert_harmless(done)
    assert all(row["points"] == 0 for row in done.data["rows"])


def test_paths_in_a_zip_lead_nowhere(nothing_stays):
    place = nothing_stays / "of-the-test"
    place.mkdir()
    data = packed(few(notebook({}), RIGHT))
    with zipfile.ZipFile(place / "all.zip", "w") as file:
        for name in ("ann/layers.ipynb", "../evil/layers.ipynb", "../../../../layers.ipynb",
                     f"{place}/absolute/layers.ipynb", "C:\\evil\\layers.ipynb", "con/layers.ipynb",
                     "a/../../b/layers.ipynb", "bob/../ann/layers.ipynb"):  # fmt: skip
            file.writestr(name, data)
    before = {*place.parent.rglob("*")}
    done = command.grade(
        command.Options(
            place / "all.zip", place / "marks", workers=1, seed=SEED, question_seconds=2
        )
    )
    assert_harmless(done)
    new = {*place.parent.rglob("*")} - before
    assert all(path.is_relative_to(place / "marks") for path in new)
    assert [r["points"] for r in done.data["rows"] if r["student"] == "ann"].count(1) == 1
