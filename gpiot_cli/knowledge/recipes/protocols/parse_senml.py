"""Resolve a SenML pack (JSON) into a table of names, times, values and units.

Use it for sensors that report in the IETF's measurement format. Base fields (bn, bt, bu, bv, bs)
apply to their record and all later ones: names are joined, times and values added. Times below
2^28 are relative to now, which the caller may give.

topic: protocols
modality: packet, time series, temperature, humidity, power
keywords: senml, json, measurement list, base name, base time, units, coap, lwm2m
source: C. Jennings, Z. Shelby, J. Arkko, A. Keranen and C. Bormann, 2018, "Sensor Measurement Lists (SenML)", RFC 8428
"""

import json

import pandas as pd


def parse_senml(pack: str, now: float = 0.0) -> pd.DataFrame:
    """Resolved records of a pack.

    Inputs:
        pack (str): SenML as JSON text
        now (float): time that relative times refer to, in seconds since 1970
    Outputs:
        records (pandas.DataFrame): one row per measurement, in time order; name, time (seconds
            since 1970), value (float, str or bool; None when only a sum is given), sum, unit
    """
    records = json.loads(pack)
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise ValueError("a SenML pack is a list of objects")
    base: dict = {"bn": "", "bt": 0.0, "bu": "", "bv": 0.0, "bs": 0.0}
    rows = []
    for record in records:
        base |= {key: record[key] for key in base if key in record}
        values = [record[key] for key in ("vs", "vb", "vd") if key in record]
        if "v" in record or (not values and "bv" in record):
            values = [record.get("v", 0.0) + base["bv"]]
        total = record["s"] + base["bs"] if "s" in record else None
        if not values and total is None:
            continue  # a record of base fields only
        name = base["bn"] + record.get("n", "")
        if not name:
            raise ValueError("a SenML record has no name")
        time = base["bt"] + record.get("t", 0.0)
        rows.append(
            {
                "name": name,
                "time": float(time + now if time < 2**28 else time),
                "value": values[0] if values else None,
                "sum": total,
                "unit": record.get("u", base["bu"]),
            }
        )
    table = pd.DataFrame(rows, columns=["name", "time", "value", "sum", "unit"])
    return table.sort_values("time", kind="stable", ignore_index=True)


def check() -> None:
    """Examples of RFC 8428, sections 5.1.2 and 5.1.3, and base values."""
    pack = """[{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.276020076001e+09,"bu":"A","bver":5,
      "n":"voltage","u":"V","v":120.1}, {"n":"current","t":-5,"v":1.2},
      {"n":"current","t":-4,"v":1.3}]"""
    table = parse_senml(pack)
    assert list(table.value) == [1.2, 1.3, 120.1]
    assert list(table.unit) == ["A", "A", "V"]
    assert table.name[0] == "urn:dev:ow:10e2073a01080063:current"
    assert table.time[0] == 1.276020071001e09
    table = parse_senml('[{"bn":"d/","n":"t","bv":20,"v":1.5,"t":-60},{"n":"on","vb":true}]', 1e9)
    assert list(table.value) == [21.5, True]
    assert list(table.time) == [1e9 - 60, 1e9]
    assert parse_senml("[]").empty
    for broken in ("{}", '[{"v": 1}]', "nonsense"):
        try:
            parse_senml(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
