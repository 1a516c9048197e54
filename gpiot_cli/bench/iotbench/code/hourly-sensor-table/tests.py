import numpy as np
import pandas as pd

NAN = np.nan


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["time", "sensor", "value"])
    return frame.assign(
        time=pd.to_datetime("2024-03-09 " + frame["time"]), value=frame["value"].astype(float)
    )


def agree(table, first_hour, columns, cells):
    assert [str(c) for c in table.columns] == columns, f"columns {list(table.columns)}"
    hours = pd.date_range(f"2024-03-09 {first_hour}:00", periods=len(cells), freq="h")
    assert list(pd.to_datetime(table.index)) == list(hours), f"hours {list(table.index)}"
    found = table.to_numpy(dtype=float)
    assert np.allclose(found, cells, equal_nan=True), f"{found.tolist()} instead of {cells}"


def check(solution):
    rows = [
        ("08:10:00", "temp", 20),
        ("08:50:00", "temp", 22),
        ("08:59:59", "co2", 600),
        ("09:00:00", "co2", 800),
        ("13:30:00", "temp", 25),
        ("11:15:00", "co2", 500),
        ("11:45:00", "co2", NAN),
    ]
    cells = [[600, 21], [800, 21], [800, 21], [500, NAN], [500, NAN], [500, 25]]
    agree(solution(log_of(rows)), "08", ["co2", "temp"], cells)
    agree(solution(log_of(rows[::-1])), "08", ["co2", "temp"], cells)

    agree(
        solution(log_of([("05:30:00", "b", 1), ("05:31:00", "a", 3)])), "05", ["a", "b"], [[3, 1]]
    )
    lost = [
        ("05:30:00", "b", 1),
        ("06:00:00", "a", NAN),
        ("07:10:00", "b", NAN),
        ("09:00:00", "b", 4),
    ]
    agree(
        solution(log_of(lost)),
        "05",
        ["a", "b"],
        [[NAN, 1], [NAN, 1], [NAN, 1], [NAN, NAN], [NAN, 4]],
    )
