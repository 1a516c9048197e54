"""What a table's time column tells: the sampling rate, and each sample's time where they are uneven."""

import re

import numpy as np
import pandas as pd

UNITS = {
    **dict.fromkeys(("ns", "nanos", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "micros", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minutes"), 60.0),
    **dict.fromkeys(("h", "hours"), 3600.0),
}
"""Words of a title and what they are in seconds."""

UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
TITLE = re.compile(
    rf"(\w+_)?(time|timestamp)s?(_?({UNIT}|utc))?|(elapsed|epoch|unix|t)(_({UNIT}))?"
    r"|date|datetime|date_time|millis|milliseconds|micros|microseconds|seconds"
)
EPOCHS = ((1e9, "ns"), (1e6, "us"), (1e3, "ms"), (1.0, "s"))
SINCE_2000, UNTIL_2040 = 9.4e8, 2.2e9
"""Seconds from 1970."""

CLOCK = re.compile(r"\s*(\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?|\d{1,2}\.\d{2}(\.\d{2})?)\s*")
DAY = r"(0?[1-9]|[12]\d|3[01])"
"""Of a month, or the month itself."""
DATE = re.compile(rf"\s*(\d{{4}}[-/.]{DAY}[-/.]{DAY}|{DAY}[-/.]{DAY}[-/.]\d{{2,4}})\s*")
MOMENT = re.compile(rf"{DATE.pattern}[T ]\s*\d{{1,2}}:\d{{2}}.*")
DOTTED_DATE = re.compile(r"\s*\d{1,2}\.\d{1,2}\.\d{2,4}\b")
MOSTLY = 0.9
"""So many rows must have a time; the others are left out."""
ENOUGH = 2000
"""Rows that tell whether the day or the month is first."""

Timing = tuple[dict[str, object], dict[str, str]]
"""Values (`fs` in Hz, `start_time`, `time` in s from the first sample) and what they mean."""


def is_time(title: str) -> bool:
    """Whether a column of this title may tell the time of each sample."""
    return bool(TITLE.fullmatch(re.sub(r"\W+", "_", title).strip("_").lower()))


def split_time(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, object], dict[str, str]]:
    """Take the time column out of a table, where one tells an order of samples."""
    texts = [t for t in map(str, table.columns) if not pd.api.types.is_numeric_dtype(table[t])]
    dates = [title for title in texts if _mostly(DATE, table[title])]
    clocks = [t for t in texts if t not in dates and _mostly(CLOCK, table[t])]
    titled = [title for title in map(str, table.columns) if is_time(title)]
    times = titled or [title for title in texts if title in dates or _mostly(MOMENT, table[title])]
    if len(table) < 3 or table.shape[1] <= len({*times, *dates[:1], *clocks[:1]}):
        return table, {}, {}
    if dates and clocks:
        both = table[dates[0]].astype(str) + " " + _with_colons(table[clocks[0]].astype(str))
        values, meanings = timing(both, f"{dates[0]} {clocks[0]}")
        if values:
            return table.drop(columns=[dates[0], clocks[0]]), values, meanings
    for title in times:
        told = table[table[title].notna()]  # a row that a stopped logger left has no time
        if len(told) < max(3, MOSTLY * len(table)):
            continue
        values, meanings = timing(told[title], title)
        if values:
            return told.drop(columns=[title]), values, meanings
    return table, {}, {}


def _mostly(form: re.Pattern[str], column: pd.Series) -> bool:
    told = column.dropna().astype(str)
    return len(told) > 0 and told.map(lambda cell: bool(form.fullmatch(cell))).mean() >= MOSTLY


def timing(column: pd.Series, title: str) -> Timing:
    """Read `fs`, and `time` where the samples are uneven; nothing where no order is told."""
    values: dict[str, object] = {}
    meanings: dict[str, str] = {}
    if pd.api.types.is_numeric_dtype(column):
        unit, seconds_per_unit = _unit(column, title)
        seconds = (column - column.iloc[0]).to_numpy(dtype=np.float64) * seconds_per_unit
    elif _mostly(CLOCK, column) and not _mostly(DATE, column):
        unit, seconds = "clock times", _clock(column.astype(str))
    else:
        unit, dates = "dates", _dates(column.astype(str))
        seconds = (dates - dates.iloc[0]).dt.total_seconds().to_numpy()
        values["start_time"] = dates.iloc[0].isoformat()
        meanings["start_time"] = "date and time of the first sample, ISO 8601"
    intervals = np.diff(seconds)
    typical = float(np.median(intervals))
    if typical <= 0 or np.isnan(seconds).any():
        return {}, {}
    off = np.abs(intervals - typical) / typical
    is_steady = float((off < 0.2).mean()) >= 0.9
    # timestamps rounded to a unit alternate (33, 34 ms): their mean is truer than their median
    interval = float(intervals[off < 0.2].mean()) if is_steady else typical
    values["fs"] = float(f"{1 / interval:.9g}")
    kind = "sampling rate" if is_steady else "typical sampling rate (uneven, see time)"
    meanings["fs"] = f"{kind} in Hz, from column '{title}' read as {unit}"
    if (off > 0.05).any():
        values["time"] = seconds
        meanings["time"] = f"time of each sample in s from the first, column '{title}'"
    return values, meanings


def _unit(column: pd.Series, title: str) -> tuple[str, float]:
    """Tell the unit from the title, else from the size of the numbers and their steps."""
    named = [word for word in re.findall(r"[a-zµ]+", title.lower()) if word in UNITS]
    if named:
        return named[-1], UNITS[named[-1]]
    start = abs(float(column.iloc[0]))
    step = float(column.diff().abs().median())
    for per_second, epoch in EPOCHS:
        # long steps are of whole minutes; others are ns since a phone was started
        usual = step / per_second < 1000 or step / per_second % 60 == 0
        if SINCE_2000 <= start / per_second <= UNTIL_2040 and usual:
            return epoch, UNITS[epoch]
    is_whole = bool((column.dropna() % 1 == 0).all())
    unit = "s"
    if is_whole and step >= 1e5:
        unit = "ns"
    elif start >= 1e14:
        unit = "us"
    elif start >= 1e11 or (start < 1e8 and is_whole and step >= 2 and step % 60):
        unit = "ms"
    return unit, UNITS[unit]


def _clock(texts: pd.Series) -> np.ndarray:
    """Seconds from the first of clock times; one before its predecessor is of the next day."""
    whole = _with_colons(texts).str.replace(r"^(\d+:\d+)$", r"\1:00", regex=True)
    seconds = pd.to_timedelta(whole, errors="coerce").dt.total_seconds()
    days = (seconds.diff() < 0).cumsum()
    return np.asarray(seconds + 86400 * days - seconds.iloc[0], dtype=np.float64)


def _with_colons(clocks: pd.Series) -> pd.Series:
    """18.00.00 as 18:00:00; the comma of a fraction becomes a point."""
    dotted = r"^(\d+)\.(\d+)(?:\.(\d+))?$"
    return (
        clocks.str.strip()
        .str.replace(",", ".")
        .str.replace(dotted, lambda found: ":".join(filter(None, found.groups())), regex=True)
    )


def _dates(texts: pd.Series) -> pd.Series:
    """Dates in any usual form, NaT for others; day or month first, as it gives the evener steps."""
    if texts.map(lambda cell: bool(DOTTED_DATE.match(cell))).all():
        return _parsed(texts, day_first=True)
    first = texts.iloc[:ENOUGH]
    months, days = (_unevenness(_parsed(first, day_first=flag)) for flag in (False, True))
    return _parsed(texts, day_first=days < months)


def _parsed(texts: pd.Series, *, day_first: bool) -> pd.Series:
    try:
        return pd.to_datetime(texts, errors="coerce", format="mixed", dayfirst=day_first)
    except ValueError:  # summer and winter have offsets of their own
        return pd.to_datetime(texts, errors="coerce", format="mixed", dayfirst=day_first, utc=True)


def _unevenness(dates: pd.Series) -> float:
    """How far steps are off the usual one on average, as a share of it; from or to no date, 1."""
    steps = dates.diff().iloc[1:].dt.total_seconds()
    usual = float(steps.median())
    return float((steps / usual - 1).abs().fillna(1.0).mean()) if usual > 0 else np.inf
