"""Drop repeated events of the same source within a time window.

Use it on alarms, button presses, detections and messages delivered more than once. The first event
of a source passes; its repetitions are dropped until `window_s` have gone by since the last one
that passed. With `extend`, every repetition starts the window again, which silences a storm as
long as it lasts.

topic: control
modality: packet, occupancy, generic
keywords: deduplicate, event, alarm, cooldown, repeated messages, suppression, at least once, storm
source: G. Hohpe and B. Woolf, 2003, "Enterprise Integration Patterns", Addison-Wesley (Idempotent Receiver)
"""

import numpy as np
import pandas as pd


def deduplicate_events(
    events: pd.DataFrame, window_s: float, time_column: str = "time", extend: bool = False
) -> pd.DataFrame:
    """Events without repetitions, in time order.

    Inputs:
        events (pandas.DataFrame): one row per event; a time column (seconds or timestamps), and
            others that together tell the source and kind of the event
        window_s (float): seconds in which a repetition is dropped, 0 or more
        time_column (str): name of the time column
        extend (bool): whether a dropped repetition starts the window again
    Outputs:
        kept (pandas.DataFrame): rows that pass, original columns, numbered from 0
    """
    if time_column not in events.columns or not window_s >= 0:
        raise ValueError(f"events need a column {time_column!r}, and window_s must be 0 or more")
    ordered = events.sort_values(time_column, kind="stable", ignore_index=True)
    times = ordered[time_column]
    if not pd.api.types.is_numeric_dtype(times):
        times = (pd.to_datetime(times) - pd.to_datetime(times).min()).dt.total_seconds()
    keys = map(tuple, ordered.drop(columns=time_column).astype(str).to_numpy())
    last: dict = {}
    keep = np.zeros(len(ordered), dtype=bool)
    for i, (key, time) in enumerate(zip(keys, times, strict=True)):
        keep[i] = key not in last or time - last[key] >= window_s
        if keep[i] or extend:
            last[key] = time
    return ordered[keep].reset_index(drop=True)


def check() -> None:
    """Repetitions are judged per source, in both modes, with seconds and timestamps."""
    events = pd.DataFrame({"time": [0, 4, 8, 12, 5, 6], "door": ["a", "a", "a", "a", "b", "b"]})
    kept = deduplicate_events(events, 10)
    assert kept.values.tolist() == [[0, "a"], [5, "b"], [12, "a"]]
    assert deduplicate_events(events, 10, extend=True).values.tolist() == [[0, "a"], [5, "b"]]
    stamps = events.assign(time=pd.Timestamp("2024-03-01") + pd.to_timedelta(events.time, "s"))
    assert deduplicate_events(stamps, 10).door.tolist() == ["a", "b", "a"]
    assert len(deduplicate_events(events, 0)) == 6
    assert deduplicate_events(events[["time"]], 5).time.tolist() == [0, 5, 12]
    assert deduplicate_events(events.iloc[:0], 5).empty
