"""Programs under the names that libraries have today: what is renamed, and what is left as it is."""

import numpy as np
import pandas as pd
import pytest

from gpiot_cli.synthesis.modernize import RENAMED, modernize

OLD = {
    "numpy": "import numpy as np\n\n\ndef area(x):\n    return np.trapz(x.astype(np.float))\n",
    "a function of a module": """
from scipy import integrate


def area(x):
    return integrate.simps(x)
""",
    "a module's short name": """
import scipy.integrate as si


def area(x):
    return si.cumtrapz(x)[-1]  # the whole
""",
    "imported by name": """
from scipy.integrate import simps, quad


def area(x):
    return simps(x) + 0 * quad(lambda v: v, 0, 1)[0]
""",
    "moved to another module": """
from scipy.signal import hann as window, lfilter


def area(x):
    return (lfilter([1.0], [1.0], x) * 0 + window(x.size).max()).sum()
""",
    "its full path": """
import scipy.signal


def area(x):
    return x.sum() + scipy.signal.gaussian(3, 1)[1]
""",
}


@pytest.mark.parametrize("code", OLD.values(), ids=OLD)
def test_a_program_that_uses_old_names_runs(code):
    written: dict[str, object] = {}
    exec(modernize(code), written)
    assert float(written["area"](np.ones(9))) > 0


def test_an_hour_is_a_small_letter_in_pandas_now():
    code = """
import pandas as pd


def hourly(readings):
    frequency = "2H"
    grouped = readings.groupby(pd.Grouper(freq=frequency))
    return readings.resample("H").mean(), readings.index.floor('15T'), grouped.size()
"""
    written: dict[str, object] = {}
    exec(modernize(code), written)
    index = pd.date_range("2026-03-01", periods=8, freq="15min")
    means, floors, sizes = written["hourly"](pd.Series(np.arange(8.0), index))
    assert list(means) == [1.5, 5.5]
    assert list(floors) == list(index)
    assert list(sizes) == [8]


def test_what_pandas_has_no_argument_for_is_a_method_or_done_anyway():
    code = """
import pandas as pd


def mend(table):
    times = pd.to_datetime(table["at"], infer_datetime_format=True, utc=True)
    filled = table["value"].fillna(method="ffill").fillna(limit=1, method="backfill")
    names = [name for name, _ in table.iteritems()]
    return times, filled, names, table[["value"]].applymap(str)
"""
    written: dict[str, object] = {}
    exec(modernize(code), written)
    table = pd.DataFrame({"at": ["2026-03-01", "2026-03-02"], "value": [np.nan, 2.0]})
    times, filled, names, texts = written["mend"](table)
    assert times.dt.day.tolist() == [1, 2]
    assert filled.tolist() == [2.0, 2.0]
    assert names == ["at", "value"]
    assert texts["value"].tolist() == ["nan", "2.0"]


@pytest.mark.parametrize(
    "code",
    [
        'names = "H"\nprint(names.replace("H", "T"))\n',
        "import numpy as np\n\n# hann, simps\nwindow = np.hanning(3)\n",
        "def simps(x):\n    return x\n\n\nprint(simps(1))\n",
        'import pandas as pd\n\nunit = pd.Timedelta("1h").round("min")\n',
        "import pandas as pd\n\nfilled = pd.Series([1.0]).fillna(0, limit=1)\n",
        "def f(s):\n    return f\"{s.resample('H').mean()}\"\n",
        'words = {"é": "H"}\nsize = len(words)\n',
    ],
)
def test_anything_else_stays_as_it_is(code):
    assert modernize(code) == code


def test_bytes_and_characters_are_not_mistaken():
    code = 'import pandas as pd\n\n\ndef f(s):\n    return "°C é", s.resample("T").mean()\n'
    assert modernize(code).endswith('return "°C é", s.resample("min").mean()\n')


def test_every_new_name_is_there_and_every_old_one_gone():
    from importlib import import_module

    for old, new in RENAMED.items():
        (old_module, _, old_name), (module, _, name) = old.rpartition("."), new.rpartition(".")
        assert not hasattr(import_module(old_module), old_name)
        assert hasattr(import_module(module), name)
