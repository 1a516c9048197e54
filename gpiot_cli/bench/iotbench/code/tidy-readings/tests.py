import math


def check(solution):
    def agree(readings, expected):
        table = solution([dict(zip(("sensor", "value", "unit"), r)) for r in readings])
        assert list(table.columns) == ["sensor", "value", "unit"], f"columns {list(table.columns)}"
        assert list(table.index) == list(range(len(expected))), f"index {list(table.index)}"
        for (_, row), (sensor, value, unit) in zip(table.iterrows(), expected):
            assert row["sensor"] == sensor and row["unit"] == unit, f"{list(row)}"
            assert abs(row["value"] - value) < 1e-6 * max(1, abs(value)), (
                f"{sensor}: {row['value']}"
            )

    agree(
        [("a", 68.0, "F"), ("b", 293.15, "K"), ("c", -4.5, "C"), ("d", 212.0, "F")],
        [("a", 20.0, "C"), ("b", 20.0, "C"), ("c", -4.5, "C"), ("d", 100.0, "C")],
    )
    agree(
        [("p", 101325.0, "Pa"), ("q", 1013.25, "hPa"), ("r", 101.325, "kPa"), ("s", 2.5, "bar")],
        [
            ("p", 101325.0, "Pa"),
            ("q", 101325.0, "Pa"),
            ("r", 101325.0, "Pa"),
            ("s", 250000.0, "Pa"),
        ],
    )
    agree(
        [
            ("l", 1500.0, "mm"),
            ("m", 20.0, "cm"),
            ("n", 3.0, "m"),
            ("o", 10.0, "in"),
            ("h", 55.0, "%"),
            ("i", 0.3, "1"),
        ],
        [
            ("l", 1.5, "m"),
            ("m", 0.2, "m"),
            ("n", 3.0, "m"),
            ("o", 0.254, "m"),
            ("h", 0.55, "1"),
            ("i", 0.3, "1"),
        ],
    )
    agree(
        [
            ("x", None, "C"),
            ("y", math.nan, "Pa"),
            ("z", 7.0, "psi"),
            ("ok", 0.0, "K"),
            ("w", math.inf, "m"),
        ],
        [("ok", -273.15, "C")],
    )
    agree([("k", 0.0, "C")], [("k", 0.0, "C")])
    agree([], [])
    agree([("u", 1.0, "furlong")], [])
