import pandas as pd


def hopping_channel_map(
    packets: pd.DataFrame, channels: list, min_packets: int, max_error: float, min_channels: int
) -> list:
    errors = {}
    for channel in channels:
        acknowledged = packets.loc[packets["channel"] == channel, "acknowledged"]
        judged = len(acknowledged) >= min_packets and len(acknowledged) > 0
        errors[channel] = 1 - acknowledged.mean() if judged else 0.0
    used = [channel for channel in channels if errors[channel] <= max_error]
    bad = sorted(set(channels) - set(used), key=lambda channel: (errors[channel], channel))
    missing = max(0, min_channels - len(used))
    return sorted(used + bad[:missing])
