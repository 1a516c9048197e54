import pandas as pd


def hourly_sensor_table(log: pd.DataFrame) -> pd.DataFrame:
    hour = log["time"].dt.floor("h")
    means = log.groupby([hour, "sensor"])["value"].mean().unstack("sensor")
    hours = pd.date_range(hour.min(), hour.max(), freq="h")
    return means.reindex(index=hours, columns=sorted(log["sensor"].unique())).ffill(limit=2)
