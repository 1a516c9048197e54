import pandas as pd


def hopping_channel_map(
    packets: pd.DataFrame, channels: list, min_packets: int, max_error: float, min_channels: int
) -> list:
    groups = packets[packets["channel"].isin(channels)].groupby("channel")["acknowledged"]
    errors = 1 - groups.mean()
    # Channels without packets are missing from the groups, so they are never used.
    errors[groups.count() < min_packets] = 0.0
    used = list(errors.index[errors <= max_error])
    bad = errors.drop(used).sort_values(kind="stable")
    missing = max(0, min_channels - len(used))
    return sorted(int(channel) for channel in [*used, *bad.index[:missing]])
