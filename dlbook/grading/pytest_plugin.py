"""``pytest --dlbook-grade SUBMISSIONS``: a test for each student and question.

The same engine as ``dlbook grade``, for those who want pytest's ``-k``, ``-x``, ``--junitxml``
and pytest-xdist (``-n 4 --dist loadscope``). It writes no marks. pytest loads this module in
every run, so all else is imported where it is used.
"""

import secrets
from pathlib import Path

import pytest


def pytest_addoption(parser):
    """Add the options."""
    group = parser.getgroup("dlbook", "grading notebooks of the book's exercises")
    group.addoption(
        "--dlbook-grade", metavar="SUBMISSIONS", default=None,
        help="Grade these submissions: a test for each student and question.",
    )  # fmt: skip
    group.addoption(
        "--dlbook-seed", metavar="N", type=int, default=None,
        help="Repeat a run exactly. Default: a fresh secret seed.",
    )  # fmt: skip
    group.addoption(
        "--dlbook-course", metavar="FOLDER", default=None,
        help="A course of your own. Default: the one at or above the current folder, or the book.",
    )  # fmt: skip
    group.addoption(
        "--dlbook-unsafe-no-sandbox",
        action="store_true",
        help="Run submissions without a sandbox, with all that you may do yourself.",
    )


def pytest_configure(config):
    """Put the submissions in place of the tests that would be collected otherwise."""
    given = config.getoption("dlbook_grade", None)
    if given is None:
        return
    from dlbook.grading import sandbox  # noqa: PLC0415

    here = Path(config.invocation_params.dir)
    path = Path(here, given).resolve()
    _use_course(config.getoption("dlbook_course"), here, path)
    if not path.exists():
        raise pytest.UsageError(f"--dlbook-grade: there is no {given}. Check the spelling.")
    if not config.getoption("dlbook_unsafe_no_sandbox"):
        try:
            sandbox.require()
        except sandbox.NoSandboxError as error:
            message = str(error).replace("--unsafe-no-sandbox", "--dlbook-unsafe-no-sandbox")
            raise pytest.UsageError(message) from None
    named = config.args_source == pytest.Config.ArgsSource.ARGS
    config.args = [*(config.args if named else ()), str(path)]
    config.stash[SUBMISSIONS] = path
    seed = getattr(config, "workerinput", {}).get("dlbook_seed", config.getoption("dlbook_seed"))
    config.stash[SEED] = secrets.randbits(62) if seed is None else seed


def _use_course(given, here, submissions):
    """Use the course that was asked for, or the one at hand, if it wasn't handed in itself."""
    from dlbook.exercises import course, key  # noqa: PLC0415
    from dlbook.grading import command  # noqa: PLC0415

    if given is not None and not Path(here, given).is_dir():
        raise pytest.UsageError(f"--dlbook-course: there is no folder {given}. Check the spelling.")
    course.use(course.chosen(None if given is None else Path(here, given), here))
    try:
        command.require_own_course(submissions)
        key.questions()
    except (command.UsageError, course.CourseError) as error:
        raise pytest.UsageError(str(error)) from None


SUBMISSIONS = pytest.StashKey[Path]()
SEED = pytest.StashKey[int]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Give the workers of pytest-xdist the same inputs."""
    if SEED in node.config.stash:
        node.workerinput["dlbook_seed"] = node.config.stash[SEED]


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path, parent):
    """Collect a folder of submissions."""
    if path == parent.config.stash.get(SUBMISSIONS, None):
        return Class.from_parent(parent, path=path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collect_file(file_path, parent):
    """Collect a zip of submissions, or a single notebook."""
    if file_path == parent.config.stash.get(SUBMISSIONS, None):
        return ClassFile.from_parent(parent, path=file_path)
    return None


class _Collected:
    """All students of a class."""

    def collect(self):
        from dlbook.grading import batch, intake  # noqa: PLC0415

        try:
            found, problems = intake.find(self.path)
        except intake.IntakeError as error:
            raise self.CollectError(str(error)) from None
        for submitted in batch.by_student(found).values():
            task = batch.task_of(submitted)
            yield Student.from_parent(self, name=_shown(task.work.student), task=task)
        for problem in problems:
            name = _shown(problem.student or problem.where)
            yield Lost.from_parent(self, name=name, reason=problem.reason)


class Class(_Collected, pytest.Directory):
    """A folder of submissions."""


class ClassFile(_Collected, pytest.File):
    """A zip of submissions, or a single notebook."""


class Student(pytest.Collector):
    """One student: a collector for each exercise."""

    def __init__(self, *, task, **kwargs):
        super().__init__(**kwargs)
        self.task = task

    def collect(self):
        """Yield a collector for each exercise that was handed in."""
        from dlbook.grading import batch  # noqa: PLC0415

        for exercise, (file, _) in batch.newest(self.task.files).items():
            yield Notebook.from_parent(self, name=_shown(exercise), exercise=exercise, file=file)


class Notebook(pytest.Collector):
    """One notebook: a test for each question. It is graded when the first of them runs."""

    def __init__(self, *, exercise, file, **kwargs):
        super().__init__(**kwargs)
        self.exercise, self.file = exercise, file
        self._results = None

    def collect(self):
        """Yield a test for each question, or one for a file that holds none."""
        from dlbook.exercises import key  # noqa: PLC0415

        asked = key.questions(self.exercise) if self.exercise in key.notebooks() else ()
        for question in asked:
            yield Answer.from_parent(self, name=question, question=question)
        if not asked:
            yield Answer.from_parent(self, name="file", question="")

    def result(self, question):
        """Return what came of one question."""
        if self._results is None:
            from dlbook.grading import command  # noqa: PLC0415
            from dlbook.grading.grade import Settings, grade  # noqa: PLC0415

            submissions = self.config.stash[SUBMISSIONS]
            settings = Settings(
                seed=self.config.stash[SEED],
                limits=command.limits_of(command.Options(submissions, submissions)),
                sandboxed=not self.config.getoption("dlbook_unsafe_no_sandbox"),
                hidden=[str(submissions), *map(str, command.course_folder())],
            )
            graded = grade(self.file.contents, self.file.name, settings)
            self._results = {result.question: result for result in graded.results}
        return self._results[question]


class NotRightError(AssertionError):
    """An answer that isn't right; the message is the student's feedback."""


class Answer(pytest.Item):
    """One question of one student."""

    def __init__(self, *, question, **kwargs):
        super().__init__(**kwargs)
        self.question = question

    def runtest(self):
        """Pass if the answer is right."""
        result = self.parent.result(self.question)
        for name in ("points", "max_points", "outcome", "mistake"):
            self.user_properties.append((name, getattr(result, name)))
        if result.outcome != "correct":
            raise NotRightError(result.feedback)

    def repr_failure(self, excinfo):
        """Show the student's feedback instead of a traceback."""
        if isinstance(excinfo.value, NotRightError):
            return "\n".join(map(_shown, str(excinfo.value).splitlines()))
        return super().repr_failure(excinfo)

    def reportinfo(self):
        """Say where a test belongs."""
        return self.path, None, f"{self.parent.parent.name}, {self.question or self.parent.name}"


class Lost(pytest.Item):
    """Something that was handed in and could not be taken in."""

    def __init__(self, *, reason, **kwargs):
        super().__init__(**kwargs)
        self.reason = reason

    def runtest(self):
        """Fail, with the reason."""
        raise NotRightError(self.reason)

    def repr_failure(self, excinfo):
        """Show the reason."""
        return _shown(str(excinfo.value))

    def reportinfo(self):
        """Say where a test belongs."""
        return self.path, None, self.name


def _shown(text):
    """Return a name without what pytest or a terminal takes for more than a name."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text).replace("::", ":")
