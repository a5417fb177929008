"""nbval as the engine: its cell runs and compares, with the reference from memory.

For an observation the verdict takes the place of text equality; for everything else nbval's
own comparison stays.
"""

import secrets
from collections.abc import Sequence
from types import SimpleNamespace

import nbformat
from nbval.plugin import IPyNbCell, NbCellError

from dlbook.exercises.verdict import Judge, Verdict
from dlbook.grading import observed
from dlbook.grading.kernels import Kernel, KernelDiedError

MIME = "application/vnd.dlbook.observation+json"
SKIPPED = ("metadata", "traceback", "output_type", "name", "execution_count", "transient")


class ProbeCell(IPyNbCell):
    """A cell that probes answers; `verdicts` says what came of each.

    It is made with `made`, and needs no pytest session: what it asks of one stands in
    `_session`.
    """

    judges: Sequence[Judge]
    token: str
    seen: list[observed.Observed] | None = None
    verdicts: list[Verdict | None]
    trouble: str = ""

    @classmethod
    def made(cls, kernel: Kernel, judges, source: str, token: str, seconds: float):
        """Return a cell with the references' observations as its stored output."""
        cell = object.__new__(cls)  # pytest's own way in needs a session
        output = {"output_type": "display_data", "metadata": {}, "data": {}}
        cell.cell = nbformat.from_dict({
            "cell_type": "code", "source": source, "execution_count": 1, "metadata": {},
            "outputs": [output],
        })  # fmt: skip
        reference = [judge.reference_observations for judge in judges]
        cell.cell.outputs[0].data[MIME] = reference  # as it is, not copied through and through
        cell.judges, cell.token, cell.cell_num = judges, token, 0
        cell.verdicts = [None] * len(judges)
        cell.options = {"skip": False, "check": True, "check_exception": False}
        cell.output_timeout, cell.test_outputs = 30, None
        cell.colors = SimpleNamespace(OKBLUE="", FAIL="", ENDC="")
        cell.config = _session(seconds)
        cell.parent = SimpleNamespace(
            kernel=kernel, skip_compare=SKIPPED, sanitize_patterns={}, timed_out=False,
            get_kernel_message=lambda timeout=None, stream="iopub": kernel.get_message(
                stream, timeout
            ),
        )  # fmt: skip
        return cell

    def compare_outputs(self, test, ref, skip_compare=None) -> bool:
        """Compare as nbval does, but observations by their verdicts."""
        replies = [output["data"][MIME] for output in test if MIME in output.get("data", {})]
        rest = [output for output in test if MIME not in output.get("data", {})]
        expected = [output for output in ref if MIME not in output.get("data", {})]
        for reply in replies[:1]:
            self._judge(reply)
        same = super().compare_outputs(rest, expected, skip_compare)
        return same and all(v is not None and v.outcome == "correct" for v in self.verdicts)

    def _judge(self, reply: object) -> None:
        try:
            seen = observed.read(reply, self.token, [len(judge.cases) for judge in self.judges])
            for number, (judge, one) in enumerate(zip(self.judges, seen, strict=True)):
                if one.observations is not None:
                    self.verdicts[number] = judge.verdict(one.observations)
            self.seen = seen
        except Exception as error:  # whatever a made-up observation makes its readers do
            self.trouble = f"{type(error).__name__}: {error}"[:300]


def run(kernel: Kernel, judges, source: str, token: str, seconds: float) -> ProbeCell:
    """Run a probe cell in a kernel.

    Parameters
    ----------
    kernel : Kernel
    judges : sequence of Judge
        One for each answer that the cell probes.
    source : str
        The cell's code.
    token : str
        What the observations must repeat; see `new_token`.
    seconds : float
        When the kernel is given up.

    Returns
    -------
    ProbeCell
        With its `verdicts`, or what was `seen`.

    Raises
    ------
    KernelDiedError
        If the kernel ended, or sent nothing that could be read.
    """
    cell = ProbeCell.made(kernel, judges, source, token, seconds)
    try:
        cell.runtest()
    except NbCellError as error:
        if cell.seen is None:
            raise KernelDiedError(cell.trouble or str(error)) from None
    if cell.seen is None:
        raise KernelDiedError(cell.trouble or "no observation came back")
    return cell


def new_token() -> str:
    """Return a text that nobody can guess."""
    return secrets.token_hex(16)


def _session(seconds: float) -> SimpleNamespace:
    return SimpleNamespace(option=SimpleNamespace(nbval_cell_timeout=seconds, color="no"))
