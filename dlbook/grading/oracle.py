"""What a right function returns: references answer for a student's earlier, wrong functions.

A later answer is judged once more with the earlier ones put right. The kernel never holds a
reference, so it asks, and a process of its own with limits of its own works it out here:
``python -m dlbook.grading.oracle``, one JSON object on each line in, one on each line out.
"""

import contextlib
import json
import subprocess
import sys
import threading

from dlbook.exercises import key, plain

CALLS = 20_000  # for one answer
SECONDS = 20.0  # of processor time for all of them
MEMORY = 2 * 2**30  # bytes


class Oracle:
    """Answers for the functions of some questions; a context manager.

    Parameters
    ----------
    ids : sequence of str
        The questions whose references are asked.
    """

    def __init__(self, ids) -> None:
        self.calls = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dlbook.grading.oracle", *ids],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, question: str) -> str:
        """Answer one call, JSON in and out; what fails is an error for the asking program."""
        self.calls += 1
        if self.calls > CALLS:
            return _refused("too many calls")
        late = threading.Timer(SECONDS / 2, self.process.kill)
        late.start()
        try:
            self.process.stdin.write(json.dumps(json.loads(question)).encode() + b"\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().decode() or _refused("no answer")
        except (OSError, ValueError, RecursionError) as error:
            return _refused(str(error)[:100])
        finally:
            late.cancel()

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.wait()


def answer(call: dict, functions: dict) -> dict:
    """Return what a reference returns for a call, both as plain data."""
    try:
        values = [plain.decode(value) for value in call["arguments"]]
        named = {str(name): plain.decode(value) for name, value in call["named"].items()}
        if any(isinstance(value, plain.Opaque) for value in (*values, *named.values())):
            raise TypeError("an argument that is neither numbers nor text")
        return {"value": plain.encode(functions[call["name"]](*values, **named))}
    except Exception as error:
        return {"type": type(error).__name__, "message": str(error)[:300]}


def _refused(why: str) -> str:
    return json.dumps({"type": "RuntimeError", "message": why})


def main(ids: list[str]) -> None:
    """Answer until nobody asks any more."""
    import resource  # noqa: PLC0415 - not on Windows

    questions = [key.question(name) for name in ids]
    functions = {question.name: question.reference for question in questions}
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line), functions)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
