"""Warm kernels: as isolated as cold ones, with the same verdicts; cold ones where they fail."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from jupyter_client.channels import ZMQSocketChannel

sys.path.insert(0, str(Path(__file__).parent))
from grading import ROOT, graded, needs_a_sandbox, notebook, outcomes

from dlbook.grading import forkserver, harmless, inside, lesson, parents, provisioners
from dlbook.grading.kernels import Kernel
from dlbook.grading.pieces import Chunk
from dlbook.grading.sandbox import Limits

pytestmark = pytest.mark.usefixtures("sandbox")
LOOK = """
import os, json
state = dict(line.split(":\\t", 1) for line in open("/proc/self/status"))
kept = ("Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
print(json.dumps({
    "state": {name: state[name].strip() for name in kept},
    "environment": {n: v for n, v in os.environ.items() if n not in LIBRARIES},
    "here": os.getcwd(), "root": sorted(os.listdir("/")), "user": os.getuid(),
    "dlbook": __import__("dlbook").__file__, "home": os.path.expanduser("~"),
    "warnings": sorted(str(f[:4]) for f in __import__("warnings").filters),
    "seen": sorted(n for n in os.listdir("/proc") if n.isdigit())[-1] < "9",
    "temp": __import__("tempfile").gettempdir(),
}))
"""
# What OpenCV and the debugger write into the environment when they are imported.
LIBRARIES = {
    "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "LD_LIBRARY_PATH", "PYDEVD_USE_FRAME_EVAL"
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    needs_a_sandbox()


@pytest.fixture(params=["warm", "cold"])
def warm(request):
    return request.param == "warm"


def said(kernel: Kernel, source: str) -> str:
    """Return what a cell printed. These are our own cells: they run in the kernel itself."""
    message = kernel.execute_cell_input(source)
    kernel.await_reply(message, timeout=30)
    texts = []
    while True:
        seen = kernel.get_message("iopub", 30)
        content = seen["content"]
        if seen["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))
        texts.append(content.get("text", ""))
        if content.get("execution_state") == "idle":
            return "".join(texts)


def test_both_kinds_are_found_by_jupyter():
    found = importlib.metadata.entry_points(group="jupyter_client.kernel_provisioners")
    assert {entry.name: entry.load() for entry in found if entry.name.startswith("dlbook")} == {
        provisioners.COLD: provisioners.ColdProvisioner,
        provisioners.WARM: provisioners.WarmProvisioner,
    }


def test_nbval_drives_a_warm_kernel_as_any_other(tmp_path):
    cells = [
        nbformat.v4.new_code_cell(source, execution_count=1, outputs=[
            nbformat.v4.new_output("execute_result", {"text/plain": shown}, execution_count=1)
        ])
        for source, shown in [
            ("import numpy as np\nnp.arange(3)", "array([0, 1, 2])"),
            ("import os\nos.getcwd()", "'/tmp'"),
            ("1 + 1", "3"),
        ]
    ]  # fmt: skip
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "own.ipynb")
    env = {**os.environ, "JUPYTER_PATH": str(ROOT / "dlbook" / "grading" / "jupyter")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-kernel-name", provisioners.WARM,
         "own.ipynb", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr


def test_a_warm_kernel_sees_and_may_do_what_a_cold_one_does():
    seen = []
    for warm in (True, False):
        with Kernel(Limits(), warm=warm) as kernel:
            assert isinstance(kernel.km.provisioner, provisioners.WarmProvisioner) == warm
            seen.append(json.loads(said(kernel, f"LIBRARIES = {LIBRARIES}\n{LOOK}")))
    assert seen[0] == seen[1]
    state = seen[0]["state"]
    assert {state[name] for name in state if name.startswith("Cap")} == {"0000000000000000"}
    assert (state["NoNewPrivs"], state["Seccomp"]) == ("1", "2")
    assert seen[0]["dlbook"] == "/lesson/dlbook/__init__.py"


def test_a_warm_kernel_is_in_none_of_the_graders_namespaces():
    with Kernel(Limits()) as kernel:
        for name in forkserver.NAMESPACES:
            own = os.readlink(f"/proc/self/ns/{name}")
            assert os.readlink(f"/proc/{kernel._family()[-1]}/ns/{name}") != own, name


def test_two_kernels_share_nothing_and_the_random_state_differs(warm):
    leave = "open('/tmp/mine', 'w').write('x'); open('/dev/shm/mine', 'w').write('x')\nmine = 1"
    look = (
        "import os, random, socket, numpy as np\n"
        "print('mine' in globals(), os.path.exists('/tmp/mine'), os.listdir('/dev/shm'),\n"
        "      sorted(n for n in os.listdir('/proc') if n.isdigit())[-1:] > ['9'])\n"
        "print(random.random(), np.random.rand(), np.random.default_rng().random())"
    )
    with Kernel(Limits(), warm=warm) as one, Kernel(Limits(), warm=warm) as two:
        said(one, leave)
        nothing, *numbers = said(two, look).splitlines()
        assert nothing == "False False [] False"
        others = said(one, look).splitlines()[1:]
        for first, second in zip(numbers[0].split(), others[0].split(), strict=True):
            assert first != second
    with Kernel(Limits(), warm=warm) as three:
        nothing, *again = said(three, look).splitlines()
        assert nothing == "False False [] False"
        assert set(again[0].split()).isdisjoint(numbers[0].split() + others[0].split())


def test_a_socket_without_a_file_is_not_seen_by_the_next_kernel(warm):
    listen = "import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('\\0mine')\ns.listen()"
    reach = (
        "import socket\ntry:\n    socket.socket(socket.AF_UNIX).connect('\\0mine')\n"
        "    print('reached')\nexcept OSError:\n    print('alone')"
    )
    with Kernel(Limits(), warm=warm) as one, Kernel(Limits(), warm=warm) as two:
        said(one, listen)
        assert said(two, reach) == "alone\n"


def test_a_kernel_dies_whole(warm):
    mark = f"stays-{os.getpid()}-{time.monotonic_ns()}"
    start = (
        "import subprocess\n"
        f"subprocess.Popen(['sh', '-c', 'sleep 30; true', {mark!r}], start_new_session=True)\n"
        "print('started')"
    )
    kernel = Kernel(Limits(), warm=warm)
    family = kernel._family()
    assert "started" in said(kernel, start)
    assert any(mark in line for line in commands())
    kernel.stop()
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up and living(mark, family):
        time.sleep(0.02)
    assert not living(mark, family)


def living(mark: str, family: list[int]) -> list:
    """Return what is left of a kernel; who was killed may take a moment to go."""
    marked = [line for line in commands() if mark in line]
    return marked + [pid for pid in family if inside.state_of(pid) not in ("", "Z", "X")]


def commands() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def test_a_kernel_that_missed_that_we_came_greets_at_the_second_call(warm, monkeypatch):
    unheard = []

    def deaf_at_first(channel, timeout):
        message = hears(channel, timeout)
        began = time.monotonic()
        unheard.append(began)
        if began - unheard[0] < 0.4:  # as if it hadn't been sent: the kernel greets only once
            raise Empty
        return message

    hears = ZMQSocketChannel.get_msg
    monkeypatch.setattr(ZMQSocketChannel, "get_msg", deaf_at_first)
    began = time.monotonic()
    kernel = Kernel(Limits(), warm=warm)
    try:
        assert len(unheard) > 1
        assert time.monotonic() - began < parents.STARTUP_SECONDS / 4
        monkeypatch.undo()
        assert said(kernel, "print(6 * 7)") == "42\n"
    finally:
        kernel.stop()


def test_the_sandbox_ends_when_its_kernel_ends_and_the_parent_lives_on():
    with Kernel(Limits()) as kernel:
        parent = parents.parent_for(())
        with pytest.raises(RuntimeError, match="ended"):
            said(kernel, "import os\nos._exit(3)")
        kernel.km.provisioner.process.wait(10)
    with Kernel(Limits()) as kernel:
        assert said(kernel, "print(1)") == "1\n"
    assert parents.parent_for(()) is parent


def test_a_parent_that_has_died_is_replaced():
    parent = parents.parent_for(())
    parent.process.kill()
    parent.process.wait()
    with Kernel(Limits()) as kernel:
        assert said(kernel, "print(1)") == "1\n"
        assert not Kernel.no_warm_ones
    assert parents.parent_for(()) is not parent


def test_a_parent_that_does_not_answer_is_replaced():
    parent = parents.parent_for(())
    os.kill(parent.process.pid, signal.SIGSTOP)
    parent.socket.settimeout(0.2)
    with Kernel(Limits()) as kernel:
        assert said(kernel, "print(1)") == "1\n"
        assert isinstance(kernel.km.provisioner, provisioners.WarmProvisioner)
    assert not Kernel.no_warm_ones
    assert parent.process.poll() is not None


def test_kernels_leave_no_process_for_nobody_to_wait_for():
    parent = parents.parent_for(())
    for _ in range(3):
        with Kernel(Limits()) as kernel:
            said(kernel, "1")
    give_up = time.monotonic() + 5
    while inside.descendants(parent.process.pid) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert inside.descendants(parent.process.pid) == {}


def test_without_warm_kernels_a_cold_one_gives_the_same_marks_and_it_is_said_once(
    monkeypatch, caplog
):
    def fails(*_):
        raise parents.NoWarmKernelError("no room for a fork")

    work = notebook(relu="def relu(z):\n    return abs(z)")
    wanted = [result.as_data() for result in graded(work).results]
    monkeypatch.setattr(Kernel, "no_warm_ones", "")
    monkeypatch.setattr(parents, "parent_for", fails)
    for _ in range(2):
        assert [result.as_data() for result in graded(work).results] == wanted
    assert [record.message for record in caplog.records] == [
        "Warm kernels can't be had here (no room for a fork): each kernel is started from "
        "nothing. That takes longer; the marks are the same."
    ]


def test_a_child_that_is_not_inside_becomes_no_kernel():
    with pytest.raises(forkserver.NotInsideError):
        forkserver.make_sure(filtered=True)  # here there are no walls


AS_OTHERS = """
import ctypes, sys
from dlbook.grading import forkserver
real = forkserver._libc
class Refusing:
    def __init__(self): self.libc = real()
    def __getattr__(self, name): return getattr(self.libc, name)
    def setns(self, file, kind):
        ctypes.set_errno(1)
        return -1 if kind == forkserver.NAMESPACES["pid"] else self.libc.setns(file, kind)
forkserver._libc = Refusing
forkserver.main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
"""


def test_who_is_not_root_has_warm_kernels_too(monkeypatch):
    """Others may not have a child born into the sandbox at once; here the system says so."""
    monkeypatch.setitem(lesson.WRITTEN, "as_others.py", AS_OTHERS)
    monkeypatch.setattr(parents.Parent, "module", "dlbook.as_others")
    parents.stop_parents()
    try:
        with Kernel(Limits()) as kernel:
            assert isinstance(kernel.km.provisioner, provisioners.WarmProvisioner)
            assert said(kernel, "print(__import__('os').getuid())") == "1000\n"
            assert inside.state_of(kernel._family()[-1]) in ("S", "R")
    finally:
        parents.stop_parents()


def test_what_a_killed_grader_leaves_is_cleared_away(tmp_path):
    program = (
        "from dlbook.grading.kernels import Kernel\nfrom dlbook.grading.sandbox import Limits\n"
        "import os, signal\nkernel = Kernel(Limits())\nprint(kernel._family(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    family = json.loads(done.stdout)
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up and (
        list(tmp_path.iterdir()) or any(inside.state_of(pid) not in ("", "Z") for pid in family)
    ):
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []
    assert not any(inside.state_of(pid) not in ("", "Z") for pid in family)


def test_a_parent_asked_for_walls_that_are_not_there_forks_no_kernel(tmp_path):
    parent = parents.parent_for(())
    holder = subprocess.Popen(["sleep", "30"])  # this machine's own namespaces
    source, sink = os.pipe()
    try:
        file = os.pidfd_open(holder.pid)
        connection = {"ip": str(tmp_path / "k"), "transport": "ipc", "key": "k"}
        with pytest.raises(parents.NoWarmKernelError):
            parent.fork(connection, file, sink)
        os.close(file)
    finally:
        holder.kill()
        holder.wait()
        os.close(source)
        os.close(sink)
    assert list(tmp_path.iterdir()) == []
    with Kernel(Limits()) as kernel:
        assert said(kernel, "print(1)") == "1\n"


def test_the_parent_prepares_without_threads_or_sockets():
    program = (
        "import os\nfrom dlbook.grading import forkserver\nforkserver.prepared([])\n"
        "import zmq\nprint(len(os.listdir('/proc/self/task')), zmq.Context._instance)\n"
        "print(sorted(os.readlink(f'/proc/self/fd/{n}')[:8] for n in (3, 4, 5, 6)\n"
        "             if os.path.exists(f'/proc/self/fd/{n}')))"
    )
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout.splitlines()[-2:] == ["1 None", "[]"]


def test_what_a_question_forbids_is_not_in_the_memory_of_a_warm_kernel_either():
    with Kernel(Limits(), withheld=("cv2",)) as kernel:
        source = "import sys\nprint('cv2' in sys.modules)\nimport cv2\nprint(dir(cv2.resize))"
        with pytest.raises(AssertionError, match="has no attribute 'resize'"):
            said(kernel, source)


def test_nobody_but_its_owner_can_reach_the_parent_and_no_kernel_can():
    parent = parents.Parent()
    try:
        door = parent.folder / forkserver.DOOR
        assert door.is_socket()
        assert parent.folder.stat().st_mode & 0o777 == 0o700
        with Kernel(Limits()) as kernel:
            seen = f"os.path.exists({str(door)!r}), os.path.exists({str(parent.folder)!r})"
            assert said(kernel, f"import os\nprint({seen})") == "False False\n"
    finally:
        parent.stop()
    assert not parent.folder.exists()


def test_guests_share_a_parent_and_do_without_when_it_is_gone(monkeypatch):
    parent = parents.Parent()
    monkeypatch.setattr(parents, "_lines", {})  # as in a new process
    monkeypatch.setattr(parents, "_shared", [])
    parents.use(parent.folder)
    try:
        line = parents.parent_for(())
        assert isinstance(line, parents.Guest)
        with Kernel(Limits()) as kernel, Kernel(Limits()) as other:
            assert said(kernel, "print(1)") + said(other, "print(2)") == "1\n2\n"
        with Kernel(Limits()) as kernel:  # lives on where its parent doesn't
            parent.stop()
            assert said(kernel, "print(3)") == "3\n"
        with Kernel(Limits()) as kernel:
            assert said(kernel, "print(4)") == "4\n"
            assert isinstance(kernel.km.provisioner, provisioners.WarmProvisioner)
        assert isinstance(parents.parent_for(()), parents.Parent)
        assert not Kernel.no_warm_ones
    finally:
        parents.stop_parents()
        parent.stop()


def test_a_guest_that_hangs_up_or_talks_nonsense_disturbs_nobody():
    parent = parents.Parent()
    try:
        parents.Guest(parent.folder).stop()
        for message in (b"{", b"[]", b"{}", b'{"connection": {}, "filter": ""}'):
            assert "error" in _asked(parents.Guest(parent.folder), message)
        assert parent.is_alive()
    finally:
        parent.stop()


def _asked(line, message: bytes) -> dict:
    line.socket.send(message)
    try:
        return json.loads(line.socket.recv(forkserver.LARGEST))
    finally:
        line.stop()


# What is run together -------------------------------------------------------------------------

HARMLESS = {
    "a formula": "def relu(z):\n    return np.maximum(z, 0)",
    "a loop": "def f(x):\n    out = []\n    for a in x:\n        out.append(max(a, 0))\n"
    "    return np.array(out)",
    "items of its own": "def f(x):\n    y = x.copy()\n    y[y < 0] = 0\n    return y",
    "its own generator": "def f(n, rng):\n    rng = np.random.default_rng(1)\n"
    "    return rng.permutation(n)",
    "Python's names as variables": "def f(input):\n    sum = 0\n    for id in input:\n"
    "        sum += id\n    return sum",
    "the tutor": "from dlbook.exercises import check, hint, progress\nfrom math import exp",
    "a conditional expression": "f = lambda z: 1 if z > 0 else 0",
    "an error of its own": "def f(x):\n    if x < 0:\n        raise ValueError(f'{x} < 0')\n"
    "    return math.sqrt(x)",
    "its own import": "import numpy as np\nimport math\ndef f(x):\n    import numpy as np\n"
    "    return np.linalg.norm(x)",
}
NOT_HARMLESS = {
    "NumPy's own function replaced": "np.exp = lambda z: 0",
    "the same through setattr": "setattr(np, 'exp', None)",
    "the same through its dict": "np.__dict__['exp'] = None",
    "the same through vars": "vars(np)['exp'] = None",
    "an alias of NumPy": "m = np\nm.exp = None",
    "warnings of NumPy's": "np.seterr(all='raise')",
    "printing of NumPy's": "def f(x):\n    np.set_printoptions(precision=1)\n    return x",
    "a module": "import sys\ndef f(x):\n    return x",
    "a module by its name": "def f(x):\n    return __import__('os').getpid()",
    "exec": "exec('def f(x):\\n    return x')",
    "a file": "def f(x):\n    return open('x').read()",
    "a class": "class F:\n    def __call__(self, x):\n        return x\nf = F()",
    "a decorator": "@np.vectorize\ndef f(x):\n    return x",
    "a global name": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n",
    "a dunder": "def f(x):\n    return x.__class__.__mro__",
    "NumPy's generator": "def f(x):\n    np.random.seed(0)\n    return x",
    "a table of NumPy's": "np.sctypeDict.update(f8=None)",
    "the end of Python": "def f(x):\n    raise SystemExit",
    "what the probe calls": "from dlbook.exercises.probe import FUNCTIONS\nFUNCTIONS.clear()",
    "the probe": "from dlbook.exercises import probe\nprobe.FUNCTIONS.clear()",
    "a star": "from sys import *\ndef f(x):\n    return x",
    "NumPy's insides": "def f(x):\n    return np.lib.stride_tricks",
    "an attribute of a function": "def f(x):\n    return x\nf.calls = 0",
    "swallowed errors": "def f(x):\n    while True:\n        try:\n            pass\n"
    "        except:\n            pass",
    "something opened": "with np.errstate(all='ignore'):\n    y = 1",
    "what isn't Python": "def f(x:\n    return",
    "deleted names": "del np",
    "another's name for NumPy": "np = None",
    "an array's flags": "def f(x):\n    x.setflags(write=False)\n    return x",
    "an array's file": "def f(x):\n    x.tofile('/tmp/x')\n    return x",
}  # fmt: skip


@pytest.mark.parametrize("way", HARMLESS)
def test_an_answer_can_be_run_with_others_if_it_holds(way):
    assert harmless.is_harmless(HARMLESS[way])


@pytest.mark.parametrize("way", NOT_HARMLESS)
def test_an_answer_is_run_alone_if_it_holds(way):
    assert not harmless.is_harmless(NOT_HARMLESS[way])


ANSWER = "def f(x):\n    return helper(x) + 1"
MORE = {  # what else stands in the notebook, and whether it can matter
    "y = f(3)\nprint(y)": False,
    "for x in [1, 2]:\n    print(f(x))": False,
    "def other(helper):\n    return helper": False,
    "def helper(x):\n    return 2 * x": True,
    "def f(x):\n    return x": True,
    "helper = None": True,
    "np.exp = None": True,
    "import sys": True,
}


@pytest.mark.parametrize("more", MORE)
def test_all_of_a_notebook_is_run_only_if_it_can_matter(more):
    chunks = [Chunk("def helper(x):\n    return x", "cell 1"), Chunk(ANSWER, "cell 2")]
    whole = [*chunks, Chunk(more, "cell 3")]
    assert harmless.adds_nothing(whole, chunks) != MORE[more]


def test_an_answer_whose_defaults_can_change_is_tried_with_all_around_it():
    chunks = [Chunk("def f(x, seen=[]):\n    seen.append(x)\n    return seen", "cell 1")]
    assert not harmless.adds_nothing([*chunks, Chunk("f(1)", "cell 2")], chunks)


def test_answers_run_together_get_the_verdicts_that_they_get_alone(monkeypatch):
    work = notebook(
        "layers",
        softmax="def softmax(scores):\n    e = np.exp(scores)\n    return e / e.sum()",
        predict="def predict(probabilities):\n    return probabilities.argmax(axis=0)",
        forward="def forward(x, parameters):\n    return x",
    )
    together = [result.as_data() for result in graded(work).results]
    monkeypatch.setattr(harmless, "are_harmless", lambda _: False)
    assert [result.as_data() for result in graded(work).results] == together


def test_an_answer_that_disturbs_others_costs_them_nothing():
    work = notebook(
        "neuron",
        relu="np.maximum = np.exp = None\ndef relu(z):\n    return np.where(z > 0, z, 0)",
    )
    assert {outcome for outcome, _ in outcomes(graded(work)).values()} == {"correct"}


def test_an_endless_loop_among_harmless_answers_costs_its_own_points_only():
    work = notebook("neuron", relu="def relu(z):\n    while True:\n        z = z + 1\n    return z")
    seen = outcomes(graded(work))
    assert seen.pop("relu")[0] == "timed out"
    assert {outcome for outcome, _ in seen.values()} == {"correct"}
