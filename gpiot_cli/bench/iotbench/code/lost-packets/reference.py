def lost_packets(received: list) -> tuple[int, float]:
    if not received:
        return 0, 0.0
    sent = received[-1] - received[0] + 1
    lost = sent - len(received)
    return lost, lost / sent
