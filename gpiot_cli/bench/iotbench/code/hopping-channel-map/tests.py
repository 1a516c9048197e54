import pandas as pd


def packets_of(counts):
    """Packets from channel: (sent, lost)."""
    rows = []
    for channel, (sent, lost) in counts.items():
        rows += [(channel, i >= lost) for i in range(sent)]
    frame = pd.DataFrame(rows, columns=["channel", "acknowledged"])
    return frame.sample(frac=1, random_state=0, ignore_index=True)


def check(solution):
    counts = {
        0: (100, 5),
        1: (100, 60),
        2: (8, 8),
        3: (100, 32),
        4: (40, 0),
        9: (100, 0),
        7: (50, 30),
    }
    packets = packets_of(counts)
    channels = [7, 0, 1, 2, 3, 4, 5]

    def used(max_error, min_channels, min_packets=10):
        return [
            int(c) for c in solution(packets.copy(), channels, min_packets, max_error, min_channels)
        ]

    assert used(0.3, 2) == [0, 2, 4, 5], "channels 2 and 5 are not judged, 9 is not ours"
    assert used(0.4, 2) == [0, 2, 3, 4, 5]
    assert used(0.3, 5) == [0, 2, 3, 4, 5], "the least bad channel comes back"
    assert used(0.3, 6) == [0, 1, 2, 3, 4, 5], "of two equally bad ones the lower comes back"
    assert used(0.3, 20) == [0, 1, 2, 3, 4, 5, 7]
    assert used(0.3, 2, min_packets=8) == [0, 4, 5], "8 packets are enough now"
    assert used(0.01, 0, min_packets=1) == [4, 5]
