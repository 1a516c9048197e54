"""Reading recordings, sample data, and values that flow between steps."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpiot_cli.errors import GpiotError
from gpiot_cli.synthesis.data import files_read, open_data
from gpiot_cli.synthesis.project_files.evaluation import are_positions, events_among, score_events
from gpiot_cli.synthesis.project_files.loader import LoadError, load, load_each, with_time
from gpiot_cli.synthesis.project_files.values import load_values, save_values, summarize, type_name
from gpiot_cli.synthesis.samples import SAMPLES, modality_of, write_sample

SIGNALS = Path(__file__).parents[2] / "shared" / "data" / "signals"
needs_signals = pytest.mark.skipif(not SIGNALS.is_dir(), reason="no reference data here")


# -- values ---------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "x": [1.5, np.nan],
        "n": [1, 2],
        "text": ["", "a,b\nc"],
        "gap": ["q", None],
        "when": pd.to_datetime(["2020-01-01", "2021-02-03T04:05:06.7"], format="ISO8601"),
        "flag": [True, False],
        "maybe": pd.array([1, None], dtype="Int64"),
        "kind": pd.Categorical(["u", "v"]),
    }
)


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(2, 3),
        np.array([1 + 2j]),
        np.array(["a", "bcd"]),
        np.zeros((0, 3), dtype=np.int8),
        np.array([np.nan, np.inf]),
        3,
        True,
        2.5,
        "text",
        None,
        [1, 2.5, "x", [None]],
        {"a": {"b": [1]}, 3: (1, 2)},
        {"nested": [np.ones((2, 2)), np.arange(3)], "date": np.array(["2020-01-01"], "M8[D]")},
        b"\x00\xff",
        TABLE,
        TABLE.set_index("n"),
        pd.DataFrame(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back_as_they_were(value: object, tmp_path: Path) -> None:
    save_values({"value": value}, tmp_path)
    back = load_values(tmp_path)["value"]
    assert type(back) is type(value)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(back, value)
    elif isinstance(value, np.ndarray):
        assert back.dtype == value.dtype
        np.testing.assert_array_equal(back, value)
    else:
        np.testing.assert_equal(back, value)
    assert "\n" not in summarize(value)


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@settings(max_examples=30, deadline=None)
@given(
    st.recursive(
        plain,
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_plain_value_comes_back(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    folder = tmp_path_factory.mktemp("values")
    save_values({"value": value}, folder)
    assert load_values(folder)["value"] == value


def test_order_and_numpy_scalars(tmp_path: Path) -> None:
    save_values({"b": np.float32(0.5), "a": np.int64(2)}, tmp_path)
    assert list(load_values(tmp_path).items()) == [("b", 0.5), ("a", 2)]
    assert type_name(np.float64(1)) == "float"


@pytest.mark.parametrize("value", [object(), np.array([object()]), [lambda: 0]])
def test_objects_are_refused_and_never_pickled(value: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no plain form"):
        save_values({"value": value}, tmp_path)
    np.save(tmp_path / "evil.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "values-index.json").write_text('{"evil": {"type": "numpy.ndarray"}}')
    with pytest.raises(ValueError, match="allow_pickle"):
        load_values(tmp_path)


def test_summaries_tell_shape_range_and_gaps() -> None:
    text = summarize(np.array([1.0, np.nan, 3.0]))
    assert (
        text == "numpy.ndarray of shape (3,), float64, from 1 to 3, mean 2, 1 NaN, first 1, nan, 3"
    )
    assert summarize(np.full(3, np.nan)).endswith("all NaN")
    assert "2 rows; columns x (float64), n (int64)" in summarize(TABLE)


# -- loader ---------------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_wfdb_sample_has_beats_apart(tmp_path: Path) -> None:
    folder = write_sample("ecg", tmp_path)
    record = load(folder)[0]
    assert list(record.values) == ["signal", "fs"]
    assert record.values["signal"].shape == (21600,)
    assert record.values["fs"] == 360.0
    assert (
        len(record.reference["beats"]) == 65
    )  # 46 normal, 19 ventricular; the rhythm mark is none
    assert load(folder / "mitdb_119")[0].values.keys() == record.values.keys()


@pytest.mark.parametrize(
    ("text", "fs", "names"),
    [
        ("time_s,ecg\n0,1\n0.01,2\n0.02,3\n0.03,4\n", 100.0, {"signal"}),
        ("time;a;b\n0;1,5;2\n20;2,5;3\n40;3,5;4\n60;1,5;1\n", 50.0, {"a", "b"}),
        ("t_ms\tx\ty\n0\t1\t2\n10\t2\t3\n20\t3\t4\n", 100.0, {"x", "y"}),
        ("timestamp,v,w\n2024-01-01 00:00,1,a\n2024-01-01 00:01,2,b\n2024-01-01 00:02,2,b\n", 1 / 60, {"v", "w"}),
        ("Date,Time,CO (ppm),b\n13/02/2024,01:00:00,1,2\n13/02/2024,02:00:00,3,4\n13/02/2024,03:00:00,5,5\n", 1 / 3600, {"co_ppm", "b"}),
        ("1700000000000,1,2\n1700000000010,2,3\n1700000000020,3,4\n", 100.0, {"column_2", "column_3"}),
        ("1\n2\n3\n", None, {"signal"}),
        ("class,class,2nd\n1,2,3\n4,5,6\n", None, {"c_class", "class_1", "c_2nd"}),
        ("IN,max,np\n1,2,3\n4,5,6\n", None, {"c_in", "c_max", "c_np"}),
        ("s|a|b\n0|1|2\n1|3|4\n", None, {"s", "a", "b"}),
        ("# by a logger\n# time_s,a,b\n0,1,2\n1,3,4\n2,5,6\n", 1.0, {"a", "b"}),
        ("time;a;b\ns;C;%\n0;1,5;2\n60;2,5;3\n120;3,5;4\n", 1 / 60, {"a_c", "b"}),
        ("time,ax,ay\n0.1,3,4,\n0.2,5,6,\n0.3,7,8,\n", 10.0, {"ax", "ay"}),
        ("\ufefftime_s,a,b\n0,1,2\n1,3,4\n2,5,6\n", 1.0, {"a", "b"}),
        (",a,b\n2024-05-01,1,2\n2024-05-02,2,3\n2024-05-03,2,3\n", 1 / 86400, {"a", "b"}),
        (",a,b\n0,1,2\n1,2,3\n", None, {"a", "b"}),
        ('"v" "w"\n"1" 5 6\n"2" 7 8\n', None, {"v", "w"}),
    ],
)  # fmt: skip
def test_tables(text: str, fs: float | None, names: set[str], tmp_path: Path) -> None:
    values = load(write(tmp_path / "data.csv", text))[0].values
    assert values.keys() - {"fs", "time", "start_time"} == names
    assert values.get("fs") == (pytest.approx(fs) if fs else None)


@pytest.mark.parametrize(
    ("text", "column", "numbers"),
    [
        ("temp\n21,5\n22,1\n", "signal", [21.5, 22.1]),
        ("room;temp\na;21,5\nb;\nc;23,5\n", "temp", [21.5, np.nan, 23.5]),
        ("room\ttemp\na\t21,5\nb\t22,5\n", "temp", [21.5, 22.5]),
        ("room;power\na;1.234,5\nb;12,5\n", "power", [1234.5, 12.5]),
        ("room;power\na;1.5\nb;NA\nc;2.5\n", "power", [1.5, np.nan, 2.5]),
        ("v,w\n" + "1,2\n" * 8 + "ERR,2\n", "v", [1.0] * 8 + [np.nan]),
        ("v;w\n" + "1,5;x\n" * 8 + "unavailable;x\n", "v", [1.5] * 8 + [np.nan]),
        ("name,v\nBob,NA\nAl,5\nEve,6\n", "v", [np.nan, 5.0, 6.0]),
    ],
)
def test_numbers_as_loggers_and_spreadsheets_write_them(
    text: str, column: str, numbers: list[float], tmp_path: Path
) -> None:
    values = load(write(tmp_path / "data.csv", text))[0].values
    np.testing.assert_array_equal(values[column], numbers)


def test_a_column_of_texts_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", "room;state\na;on\nb;off\nc;\n")
    assert load(path)[0].values["state"][:2] == ["on", "off"]
    assert load(write(path, "note\nwarm, dry\ncold\n"))[0].values == {"note": ["warm, dry", "cold"]}


def test_a_longer_row_is_named(tmp_path: Path) -> None:
    rows = "1,2\n" * 150
    with pytest.raises(LoadError, match=r"Line 152 of data\.csv has 3 fields, and .* before it 2"):
        load(write(tmp_path / "data.csv", f"v,w\n{rows}1,2,3\n"))


@pytest.mark.parametrize("torn", ["1.2,0.", "1.2", "logger restarted"])
def test_a_row_that_a_stopped_logger_left_is_no_other_table(torn: str, tmp_path: Path) -> None:
    rows = [f"{i / 10},{i},{2 * i}" for i in range(60)]
    text = "\n".join(["time,x,y", *rows[:31], torn, *rows[31:]])
    values = load(write(tmp_path / "data.csv", text))[0].values
    assert values["fs"] == pytest.approx(10.0)
    assert len(values["x"]) >= 60
    text = "\n".join(["time,x,y", *rows[:31], "3.1,1,2,3", *rows[31:]])
    with pytest.raises(LoadError, match=r"Line 33 of data\.csv has 4 fields"):
        load(write(tmp_path / "data.csv", text))


def test_a_bad_recording_stops_no_other_and_is_named(tmp_path: Path) -> None:
    for name in ("s1/data.csv", "s2/data.csv", "s3/other.csv"):
        write(tmp_path / name, "v\n1\n2\n")
    write(tmp_path / "s2" / "data.csv", "")
    write(tmp_path / "s3" / "other.csv", "v,w\n1,2\n")
    records, faults = load_each(tmp_path)
    assert [record.name for record in records] == ["s1/data", "s3/other"]
    assert faults == {"s2/data": "s2/data: data.csv is empty."}
    with pytest.raises(LoadError, match="s2/data: data"):
        load(tmp_path)


def test_a_path_may_lead_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "data" / "a.csv", "v\n1\n2\n")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert open_data(Path("../data/a.csv"), "", tmp_path / "project").path == path
    assert open_data(Path("../data/.."), "", tmp_path / "project").path == tmp_path


@pytest.mark.parametrize(
    ("title", "times", "fs"),
    [
        ("timestamp", range(1700000000000, 1700001000000, 120000), 1 / 120),
        ("timestamp", range(1700000000000000, 1700000009000000, 1000000), 1.0),
        ("timestamp", range(1700000000, 1700000600, 60), 1 / 60),
        ("timestamp", range(86400 * 10**9, 86401 * 10**9, 10**7), 100.0),
        ("timestamp", range(1700 * 10**9, 1701 * 10**9, 10**7), 100.0),
        ("timestamp", range(1700000000000, 1700100000000, 3600000), 1 / 3600),
        ("time", range(0, 600, 60), 1 / 60),
        ("time", range(0, 100, 10), 100.0),
        ("seconds", range(0, 100, 10), 0.1),
        ("Elapsed time (min)", range(5), 1 / 60),
        ("micros", range(0, 100000, 10000), 100.0),
    ],
)
def test_the_unit_of_times(title: str, times: range, fs: float, tmp_path: Path) -> None:
    text = f"{title},v\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times))
    assert load(write(tmp_path / "a.csv", text))[0].values["fs"] == pytest.approx(fs)


@pytest.mark.parametrize(
    ("text", "start", "fs"),
    [
        ("time,v\n23:59:59,1\n00:00:00,2\n00:00:01,3\n", None, 1.0),
        ("Time,Date,v\n10:00,2024-05-01,1\n11:00,2024-05-01,2\n12:00,2024-05-01,3\n", "2024-05-01T10:00:00", 1 / 3600),
        ("time,v\n2024-10-27T01:30:00+02:00,1\n2024-10-27T02:30:00+02:00,2\n2024-10-27T02:30:00+01:00,3\n", "2024-10-26T23:30:00+00:00", 1 / 3600),
        ("date;v\n05.02.2024;1\n06.02.2024;2\n07.02.2024;3\n", "2024-02-05T00:00:00", 1 / 86400),
        ("date,v\n05/02/2024,1\n06/02/2024,2\n07/02/2024,3\n08/02/2024,3\n", "2024-02-05T00:00:00", 1 / 86400),
        ("date,v\n02/05/2024,1\n02/06/2024,2\n02/07/2024,3\n02/08/2024,3\n", "2024-02-05T00:00:00", 1 / 86400),
        ("Date;Time;v\n10/03/2004;18.00.00;1\n10/03/2004;19.00.00;2\n10/03/2004;20.00.00;3\n;;\n", "2004-10-03T18:00:00", 1 / 3600),
    ],
)  # fmt: skip
def test_dates_and_clocks(text: str, start: str | None, fs: float, tmp_path: Path) -> None:
    values = load(write(tmp_path / "a.csv", text))[0].values
    assert values.get("start_time") == start
    assert values["fs"] == pytest.approx(fs)
    assert len(values["signal"]) == text.count("\n") - 1 - text.count(";;\n")


def test_clocks_with_points_and_with_fractions(tmp_path: Path) -> None:
    dotted = "".join(f"18.{i:02}.00;{i}\n" for i in range(40))
    values = load(write(tmp_path / "a.csv", f"time;v\n{dotted}"))[0].values
    assert values["fs"] == pytest.approx(1 / 60)
    fractions = "".join(f"2024-02-05,10:00:0{i // 2}.{i % 2 * 5},{i}\n" for i in range(20))
    values = load(write(tmp_path / "a.csv", f"Date,Time,v\n{fractions}"))[0].values
    assert values["fs"] == pytest.approx(2.0)
    torn = dotted.replace("18.39.00", "rebooted")
    assert len(load(write(tmp_path / "a.csv", f"time;v\n{torn}"))[0].values["v"]) == 40


@pytest.mark.parametrize("stamp", ["{0};{1}", "{0} {1};", "2024-02-05T{1};"])
def test_times_are_told_by_their_form_too(stamp: str, tmp_path: Path) -> None:
    stamps = [stamp.format("05.02.2024", f"{8 + i // 60:02}:{i % 60:02}") for i in range(90)]
    rows = [f"{time};{400 + i},5" for i, time in enumerate(stamps)]
    text = "Datum;Uhrzeit;CO2\n" + "\n".join(rows)
    values = load(write(tmp_path / "raum.csv", text))[0].values
    assert values["start_time"] == "2024-02-05T08:00:00"
    assert values["fs"] == pytest.approx(1 / 60)
    assert values["signal"][-1] == 489.5


def test_labels_belong_to_the_array_that_is_called_like_them(tmp_path: Path) -> None:
    for name, first in (("rec_01", 0), ("rec_02", 10)):
        np.save(tmp_path / f"{name}.npy", np.zeros((4, 3)))
        np.save(tmp_path / f"{name}_labels.npy", np.arange(first, first + 4))
    labels = {record.name: list(record.values["labels"]) for record in load(tmp_path)}
    assert labels == {"rec_01": [0, 1, 2, 3], "rec_02": [10, 11, 12, 13]}
    np.save(tmp_path / "label_rec_02.npy", np.arange(4))
    with pytest.raises(LoadError, match="may both be the labels of rec_02"):
        load(tmp_path)


def test_entries_with_the_same_name_are_all_there(tmp_path: Path) -> None:
    entries = write(tmp_path / "a.json", '\ufeff{"温度": [1, 2], "湿度": [3], "a b": 1, "a-b": 2}')
    (record,) = load(entries)
    assert list(record.values) == ["value", "value_2", "a_b", "a_b_2"]
    assert record.meanings["value_2"] == "entry '湿度'"
    save_values({"values": ["a", "b"], "fs": 1.0}, tmp_path)
    assert load_values(tmp_path) == {"values": ["a", "b"], "fs": 1.0}


def test_recordings_with_like_names_keep_results_apart(tmp_path: Path) -> None:
    for name in ("r.csv", "r.tsv", "s/r.csv", "s_r.csv"):
        write(tmp_path / name, "v\n1\n2\n")
    assert [record.name for record in load(tmp_path)] == ["r", "r.2", "s/r", "s_r.2"]


def test_time_follows_from_an_even_rate() -> None:
    even = {"signal": np.zeros(3), "fs": 2.0}
    np.testing.assert_array_equal(with_time(even)["time"], [0.0, 0.5, 1.0])
    uneven = {"signal": np.zeros(2), "fs": 2.0, "time": np.array([0.0, 3.0])}
    assert with_time(uneven) is uneven
    assert "time" not in with_time({"signal": np.zeros(3)})


def test_what_links_lead_to_is_read_too(tmp_path: Path) -> None:
    store = write(tmp_path / "store" / "blob", "v\n1\n2\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rec.csv").symlink_to(store)
    write(tmp_path / "data" / "rec.meanings.json", '{"signal": "pressure"}')
    opened = open_data(tmp_path / "data" / "rec.csv", "", tmp_path / "project")
    assert opened.path == tmp_path / "data" / "rec.csv"
    assert opened.records[0].meanings["signal"] == "pressure"
    assert files_read(opened.path)[0] == opened.path
    assert store in files_read(opened.path)
    assert files_read(tmp_path / "data") == [tmp_path / "data", store]


def test_uneven_time_is_kept(tmp_path: Path) -> None:
    text = "time,v\n" + "\n".join(f"{t},{t}" for t in (0.0, 0.1, 0.2, 0.9, 1.7, 1.8))
    values = load(write(tmp_path / "a.csv", text))[0].values
    np.testing.assert_allclose(values["time"], [0, 0.1, 0.2, 0.9, 1.7, 1.8])


def test_many_columns_become_one_table(tmp_path: Path) -> None:
    header = ",".join(f"ch{i}" for i in range(20))
    row = ",".join(str(i) for i in range(20))
    values = load(write(tmp_path / "a.csv", f"{header}\n{row}\n{row}\n"))[0].values
    assert list(values) == ["table"]
    assert values["table"].shape == (2, 20)


def test_other_formats(tmp_path: Path) -> None:
    from scipy.io import wavfile

    np.savez(tmp_path / "a.npz", X=np.zeros((4, 2)), y=np.arange(4), fs=np.float64(50))
    values = load(tmp_path / "a.npz")[0].values
    assert list(values) == ["X", "y", "fs"]
    assert values["fs"] == 50.0
    np.save(tmp_path / "csi_float16.npy", np.ones((3, 2, 5), dtype=np.float16))
    np.save(tmp_path / "csi_labels.npy", np.arange(3))
    values = load(tmp_path / "csi_float16.npy")[0].values
    assert values["data"].dtype == np.float32
    assert list(values["labels"]) == [0, 1, 2]
    wavfile.write(tmp_path / "a.wav", 8000, np.array([-32768, 0, 16384], dtype=np.int16))
    assert list(load(tmp_path / "a.wav")[0].values["signal"]) == [-1.0, 0.0, 0.5]
    hexes = write(tmp_path / "a.txt", "AA55 01\nAA55 02\n")
    assert load(hexes)[0].values == {"lines": ["AA55 01", "AA55 02"]}
    logs = write(tmp_path / "b.txt", "$GPGGA,1,2\n$GPGGA,3,4\n")
    assert list(load(logs)[0].values) == ["lines"]
    messages = write(tmp_path / "a.jsonl", '{"topic": "t", "payload": {"v": 1}}\n')
    assert load(messages)[0].values["messages"][0]["payload"] == {"v": 1}
    entries = write(tmp_path / "a.json", '{"signal": [1, 2.5], "fs": 10, "unit": "mV"}')
    assert list(load(entries)[0].values) == ["signal", "fs", "unit"]
    arff = write(
        tmp_path / "a.arff",
        "@relation r\n@attribute v numeric\n@attribute c {a,b}\n@data\n1,a\n2,b\n",
    )
    assert load(arff)[0].values["c"] == ["a", "b"]


def test_matlab_variables_and_the_fields_of_a_struct(tmp_path: Path) -> None:
    from scipy.io import savemat

    cells = np.array(["rest", "walk"], dtype=object)
    entries = {"ecg": np.arange(5.0), "Fs": 250.0, "activity": cells}
    for content in (entries, {"recording": entries}):
        savemat(tmp_path / "a.mat", content)
        (record,) = load(tmp_path / "a.mat")
        assert list(record.values["ecg"]) == [0, 1, 2, 3, 4]
        assert record.values["Fs"] == 250.0
        assert record.values["activity"] == ["rest", "walk"]
    (tmp_path / "b.mat").write_bytes(
        b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM" + b"\x89HDF" * 99
    )
    with pytest.raises(LoadError, match="save it with -v7"):
        load(tmp_path / "b.mat")


def test_a_folder_is_one_record_a_file(tmp_path: Path) -> None:
    for name in ("walk/1.csv", "walk/2.csv", "rest/1.csv"):
        write(tmp_path / name, "time_s,v\n0,1\n1,2\n2,3\n")
    write(tmp_path / "README.txt", "about")
    assert [record.name for record in load(tmp_path)] == ["rest/1", "walk/1", "walk/2"]
    write(tmp_path / "rest/2.csv", "time_s,a,b\n0,1,2\n1,2,3\n2,3,4\n")
    with pytest.raises(LoadError, match="rest/2 holds a, b, fs, but rest/1 holds signal, fs"):
        load(tmp_path)


def test_a_damaged_reference_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.reference.json", "[1]")
    with pytest.raises(LoadError, match=r"a\.reference\.json is no JSON object"):
        load(write(tmp_path / "a.csv", "v\n1\n2\n"))


def test_reference_and_meanings_lie_beside_the_data(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "time_s,v\n0,1\n1,2\n2,3\n")
    write(tmp_path / "a.reference.json", '{"events": [1]}')
    write(tmp_path / "a.meanings.json", '{"signal": "pressure in Pa"}')
    record = load(tmp_path)[0]
    assert list(record.reference["events"]) == [1]
    assert record.meanings["signal"] == "pressure in Pa"
    assert "events" not in record.values


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty."),
        ("a.txt", b"", "a.txt is empty."),
        ("a.csv", b"v,w\n", "holds no values"),
        ("a.csv", b"v\nnan\nnan\n", "holds no values"),
        ("a.csv", b"t,x\n0,nan\n1,nan\n2,nan\n", "nothing but missing values in x"),
        ("a.csv", "v,w\n1,2\n".encode("utf-16"), "a.csv is not UTF-8 text"),
        ("a.npy", b"no array", "a.npy cannot be read: the magic string is not correct"),
        ("a.jsonl", b'{"v": 1}\n{', "Line 2 of a.jsonl is no JSON"),
        ("a.wav", b"RIFFnonsense", "a.wav cannot be read"),
        ("a.json", b"{", "a.json cannot be read"),
        ("a.json", b"{}", "holds no values"),
        ("a.hea", b"nonsense", "a.hea cannot be read"),
        ("a.xyz", b"1", "a.xyz is of an unknown format; known are .arff, "),
    ],
)
def test_bad_files_are_one_sentence(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LoadError, match=sentence) as raised:
        load(path)
    assert "\n" not in str(raised.value)


def test_missing_values_only_and_pickles_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "nan.npy", np.full(5, np.nan))
    with pytest.raises(LoadError, match="nothing but missing values"):
        load(tmp_path / "nan.npy")
    np.save(tmp_path / "one.npy", np.float64(3))
    with pytest.raises(LoadError, match="holds a single number"):
        load(tmp_path / "one.npy")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(LoadError, match="cannot be read"):
        load(tmp_path / "objects.npy")
    with pytest.raises(LoadError, match="holds no data of a known format"):
        load(write(tmp_path / "folder" / "notes.md", "x").parent)


@needs_signals
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("mitdb/101.hea", "signal fs"),
        ("wiar/wiar_450x90x250_float16.npy", "data labels"),
        ("uci_occupancy/datatest.txt", "temperature humidity light co2 humidityratio occupancy start_time fs"),
        ("ppg_welltory/data/subject_20/PPG.csv", "r g b fs time"),
        ("dump1090_adsb/crc_valid_messages.txt", "lines"),
        ("fsdd_mini/recordings/0_theo_0.wav", "signal fs"),
        ("uci_eeg_eye_state/EEG Eye State.arff", "table"),
    ],
)  # fmt: skip
def test_real_recordings(path: str, names: str) -> None:
    assert list(load(SIGNALS / path)[0].values) == names.split()


# -- samples and data -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "modality"),
    [
        ("ECG R-peak detection", "ecg"),
        (
            "Given the 'MIT-BIH' Arrhythmia Dataset, write Python code to perform R-peak detection",
            "ecg",
        ),
        ("heart rate from a smartwatch's PPG", "ppg"),
        ("WiFi-based human activity recognition", "wifi_windows"),
        ("breathing rate from WiFi CSI", "wifi_csi"),
        ("Breathing rate from FMCW radar", "radar"),
        ("Count steps with an accelerometer", "accelerometer"),
        ("human activity recognition from accelerometer data", "motion_windows"),
        ("Locate a phone by RSSI", "rssi"),
        ("decode Modbus packets", "packets"),
        ("room occupancy from CO2", "occupancy"),
        ("Detect anomalies in temperature readings", "temperature"),
        ("bearing fault diagnosis", "vibration"),
        ("Smooth my sensor", "generic"),
    ],
)
def test_modality_of(task: str, modality: str) -> None:
    assert modality_of(task) == modality


@pytest.mark.parametrize("modality", SAMPLES)
def test_every_sample_loads_and_is_the_same_again(modality: str, tmp_path: Path) -> None:
    first, again = write_sample(modality, tmp_path / "1"), write_sample(modality, tmp_path / "2")
    record, other = load(first)[0], load(again)[0]
    for name, value in record.values.items():
        np.testing.assert_equal(other.values[name], value)
        assert record.meanings[name]
    for name in json.loads(first.with_name(f"{first.stem}.meanings.json").read_text()) if SAMPLES[modality].meanings else ():  # fmt: skip
        assert name in record.values, "a meaning names a value that is not there"


def test_open_data_describes_and_hashes(tmp_path: Path) -> None:
    data = open_data(None, "ECG R-peak detection", tmp_path)
    assert data.is_sample
    assert data.path == tmp_path / "data" / "ecg"
    assert [str(p).split(":")[0] for p in data.parameters] == [
        "signal (numpy.ndarray)",
        "fs (float)",
    ]
    assert "shape (21600,), float64, from -2.525 to 2.4" in data.parameters[0].meaning
    assert data.parameters[1].meaning == "sampling rate in Hz, 360.0"
    again = open_data(data.path, "", tmp_path)
    assert (again.sha256, again.is_sample) == (data.sha256, True)
    record = open_data(data.path / "mitdb_119.hea", "", tmp_path)
    (data.path / "mitdb_119.atr").unlink()
    assert open_data(data.path / "mitdb_119", "", tmp_path).sha256 != record.sha256
    assert open_data(data.path, "", tmp_path).sha256 != data.sha256


def test_beside_a_file_only_what_belongs_to_it_is_read(tmp_path: Path) -> None:
    headers = {
        "rec.hea": "# note.txt\nrec/2 1 360 20\nrec_a 10\n../elsewhere 10\n",
        "rec_a.hea": "rec_a 1 360 10\nrec_a.dat 16 200 11 0 0 0 0 MLII\n",
    }
    for name, text in headers.items():
        (tmp_path / name).write_text(text)
    others = "rec.atr rec_a.dat rec_b.dat note.txt walk.csv walk.meanings.json walk.reference.json"
    arrays = "csi_data.npy csi_labels.npy csi_more.npy cs_labels.npy walk_2.csv walk.key"
    for name in (*others.split(), *arrays.split()):
        (tmp_path / name).touch()
    (tmp_path / "walks").mkdir()
    (tmp_path / "walk.link").symlink_to("nowhere")

    def read(name: str) -> list[str]:
        return [path.name for path in files_read(tmp_path / name)]

    assert read("walk.csv") == ["walk.csv", "walk.meanings.json", "walk.reference.json"]
    assert read("csi_data.npy") == ["csi_data.npy", "csi_labels.npy"]
    assert read("rec") == read("rec.hea") == ["rec.hea", "rec.atr", "rec_a.dat", "rec_a.hea"]
    assert files_read(tmp_path) == [tmp_path]


def test_what_belongs_to_a_record_is_all_that_the_loader_needs(tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    sample = open_data(None, "ECG R-peak detection", tmp_path).path / "mitdb_119"
    for path in files_read(sample):
        (tmp_path / "alone" / path.name).write_bytes(path.read_bytes())
    (record,) = load(tmp_path / "alone" / "mitdb_119")
    assert len(record.values["signal"]) == 21600  # type: ignore[arg-type]
    assert len(record.reference["beats"]) > 10  # type: ignore[arg-type]


def test_bad_data_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match="There is no file or folder") as raised:
        open_data(tmp_path / "nowhere", "task", tmp_path / "project")
    assert "--data" in raised.value.remedy
    assert not (tmp_path / "project").exists()


# -- evaluation -----------------------------------------------------------------------------------


def test_events_are_matched_one_to_one() -> None:
    score = score_events([100, 101, 205, 400], [100, 200, 300], fs=100)
    assert (score["correct"], score["false"], score["missed"]) == (2, 2, 1)
    assert score["precision"] == 0.5
    assert score["recall"] == pytest.approx(2 / 3)
    assert score["accuracy"] == pytest.approx(2 / 5)
    assert score_events([100], [116], fs=100)["correct"] == 0
    assert score_events([100], [115], fs=100)["correct"] == 1


@pytest.mark.parametrize(
    "value", [12, "walking", None, [], [[1, 2], [3]], [3, 2], [0.5, 1], [-1, 2]]
)
def test_what_is_no_row_of_positions_is_not_scored(value: object) -> None:
    assert not are_positions(value)
    assert are_positions([0, 5, 9])


def test_events_among_outputs() -> None:
    outputs = {
        "filtered": np.linspace(-1, 1, 1000),
        "r_peaks": np.array([5, 300, 900]),
        "rr": np.array([295, 600]),
    }
    assert events_among(outputs, 1000) == "r_peaks"  # though two rising intervals look like events
    assert events_among({"labels": np.array([0, 1, 1])}, 1000) is None
    assert events_among({"times": np.array([0.5, 1.5])}, 1000) is None
