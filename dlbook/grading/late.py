"""What late work costs: a rule of a due time, a price for each day, a grace and a cap.

A day late is a started day after the due time and the grace. Percents are of the exercise's
maximum, as in Canvas, so that a day costs everybody the same. Days are counted by the clock on
the wall: who hands in at the same hour of the next day is one day late, also where clocks changed
in between.
"""

import os
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

DUE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d?:\d\d)(:\d\d)?)? ?"
    r"(Z|[+-]\d\d:?\d\d|[A-Za-z][\w+-]*(?:/[\w+-]+)*)?", re.ASCII,
)  # fmt: skip
DUE_FORMS = '"2026-11-20 23:59", and after it, if you like, a zone: Europe/Berlin or +01:00'
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
LAST_YEAR = 9000
LONG_AGO = 3650  # days; nobody counts them one by one


class LateError(ValueError):
    """A rule that can't be; the message says what to write."""


@dataclass(frozen=True)
class Amount:
    """Points, or percents of the maximum."""

    number: float
    percent: bool

    def of(self, most: float) -> float:
        """Return the points that it is where there are so many at most."""
        return most * self.number / 100 if self.percent else self.number

    def __str__(self) -> str:
        if self.percent:
            return f"{self.number:g}%"
        return "1 point" if self.number == 1 else f"{self.number:g} points"


@dataclass(frozen=True)
class Due:
    """A time on the wall of one place; without seconds its whole minute counts.

    Parameters
    ----------
    local : datetime
        Without a zone.
    zone : str
        ``"Europe/Berlin"`` or ``"+01:00"``.
    """

    local: datetime
    zone: str

    def after(self, days: int) -> datetime:
        """Return the same time so many days later."""
        return (self.local + timedelta(days)).replace(tzinfo=_zone(self.zone)).astimezone(UTC)

    def here(self, when: datetime) -> str:
        """Return another time as the clock in this place shows it."""
        try:
            return f"{when.astimezone(_zone(self.zone)):%Y-%m-%d %H:%M}"
        except OverflowError:  # at the end of all years, as only a forged time can be
            return f"{when:%Y-%m-%d %H:%M} UTC"

    def __str__(self) -> str:
        seconds = "" if self.local.microsecond else f"{self.local:%S}"
        return f"{self.local:%Y-%m-%d %H:%M}{seconds and ':' + seconds} {self.zone}"


@dataclass(frozen=True)
class Rule:
    """When an exercise is due, and what each day after it costs."""

    due: Due
    per_day: Amount
    grace_seconds: int
    cap: Amount

    def __str__(self) -> str:
        return f"due {self.due}{_grace(self)}; {_price(self, 'the maximum')}"


def read_due(text: str, zone: str = "") -> Due:
    """Read a due time; where it names no zone, `zone` counts, or this computer's.

    Examples
    --------
    >>> print(read_due("2026-11-20", "Europe/Berlin"))
    2026-11-20 23:59 Europe/Berlin
    """
    match = DUE.fullmatch(" ".join(text.split()))
    try:
        day, minute, seconds, named = match.groups()
        local = datetime.fromisoformat(f"{day} {(minute or '23:59').zfill(5)}{seconds or ''}")
        if not seconds:
            local = local.replace(second=59, microsecond=999_999)
        named = "+00:00" if named == "Z" else named or zone
        due = Due(local, named or _this_zone(local))
        due.after(0)
        if local.year >= LAST_YEAR:
            raise ValueError
    except (AttributeError, ValueError, LookupError, OSError, OverflowError):
        raise LateError(f"{text!r} is no time that can be used. Write {DUE_FORMS}.") from None
    return due


def read_amount(text: str, option: str) -> Amount:
    """Read points or percents; a number alone is percents.

    Examples
    --------
    >>> print(read_amount("10", "--per-day"), read_amount("0,5 points", "--per-day"))
    10% 0.5 points
    """
    match = re.fullmatch(r"(\d{1,6}(?:[.,]\d{1,2})?) *(%|points?)?", text.strip(), re.ASCII)
    if not match:
        raise LateError(f"{option} {text} can't be read. Write 10% or '2 points'.")
    amount = Amount(float(match[1].replace(",", ".")), not (match[2] or "").startswith("point"))
    if amount.percent and amount.number > 100:
        raise LateError(f"{option} {text} is more than all. Write at most 100%.")
    if not amount.number:
        raise LateError(f"{option} {text} costs nothing. To have no rule, write --none.")
    return amount


def read_grace(text: str) -> int:
    """Read how long is still in time, in seconds.

    Examples
    --------
    >>> read_grace("15m"), read_grace("1h 30m"), read_grace("0")
    (900, 5400, 0)
    """
    plain = text.replace(" ", "").casefold()
    if plain == "0":
        return 0
    if not re.fullmatch(r"(\d{1,4}[dhms])+", plain, re.ASCII):
        raise LateError(f"--grace {text} can't be read. Write 15m, 2h or 1h30m.")
    return sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", plain))


def days_late(due: Due, grace_seconds: int, when: datetime) -> int:
    """Return how many days after due time and grace have begun; 0 for work in time."""
    grace = timedelta(seconds=grace_seconds)
    over = when - due.after(0) - grace
    if over <= timedelta(0):
        return 0
    if over.days > LONG_AGO:
        return over.days + 1
    days = max(1, over.days - 1)  # an hour more or less, where clocks have changed
    while due.after(days) < when - grace:
        days += 1
    return days


def penalty(
    rule: Rule,
    points: float,
    most: float,
    when: datetime | None,
    flagged: bool = False,
    extended: Due | None = None,
) -> tuple[float, str]:
    """Return what is taken off, and why in words.

    Parameters
    ----------
    rule : Rule
    points, most : float
        Reached, and to be reached.
    when : datetime or None
        When the work came in; None where nobody knows.
    flagged : bool, optional
        Whether the platform called it late. It counts where the time isn't known: as one day,
        but not for somebody who had more time, since the platform may not know of that.
    extended : Due, optional
        Until when this student had time. It counts if it is later.
    """
    longer = extended is not None and extended.after(0) > rule.due.after(0)
    due = extended if longer else rule.due
    if when is not None:
        days = days_late(due, rule.grace_seconds, when)
        told = f"handed in {due.here(when)}"
    else:
        days = int(flagged)
        told = "marked late in the download, which doesn't say by how much: counted as one"
        if flagged and longer and points:
            return 0, f"Nothing taken off: marked late in the download, but had until {due}."
    off = round(min(days * rule.per_day.of(most), rule.cap.of(most), points), 2)
    if off <= 0:
        return 0, ""
    return off, (
        f"{_days(days)} late ({told}; due {due}{' by an extension' if longer else ''}"
        f"{_grace(rule)}): {_price(rule, f'{most:g} points')}."
    )


def _price(rule: Rule, most: str) -> str:
    share = f" of {most}" if rule.per_day.percent else ""
    cap = "" if rule.cap == Amount(100, True) else f", at most {rule.cap}"
    return f"{rule.per_day}{share} for each day{cap}"


def _grace(rule: Rule) -> str:
    left, words = rule.grace_seconds, []
    for unit, seconds in UNITS.items():
        if left >= seconds:
            words.append(f"{left // seconds}{unit}")
            left %= seconds
    return f", with {' '.join(words)} of grace" if words else ""


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _zone(name: str) -> tzinfo:
    if name[:1] in "+-":
        return timezone(timedelta(
            hours=int(f"{name[0]}{name[1:3]}"), minutes=int(f"{name[0]}{name[-2:]}")
        ))  # fmt: skip
    return UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def _this_zone(local: datetime) -> str:
    """Return this computer's zone: by its name if it has one, as that knows summer and winter."""
    wanted = os.environ.get("TZ")
    if wanted is None:
        name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    else:
        name = wanted.removeprefix(":") or "UTC"
    try:
        _zone(name)
    except (LookupError, ValueError, OSError):
        return f"{local.astimezone():%z}"
    return name
