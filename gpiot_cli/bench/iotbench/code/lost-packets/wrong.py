def lost_packets(received: list) -> tuple[int, float]:
    # The share is taken of what was received, not of what was sent.
    if not received:
        return 0, 0.0
    lost = received[-1] - received[0] + 1 - len(received)
    return lost, lost / len(received)
