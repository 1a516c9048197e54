def sealed(data):
    """The eight bytes with their checksum, by table-free long division of the bits."""
    register = 0
    for byte in data:
        for i in range(8):
            bit = (byte >> i & 1) ^ (register & 1)
            register >>= 1
            if bit:
                register ^= 0x8C
    return [*data, register]


def agree(result, valid, celsius):
    assert bool(result[0]) is valid, f"valid is {result[0]}"
    assert abs(result[1] - celsius) < 1e-9, f"{result[1]} instead of {celsius}"


def check(solution):
    rest = [0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10]
    # A scratchpad as printed in application notes: its checksum is 0x1C.
    assert sealed([0x50, 0x05, *rest])[8] == 0x1C
    agree(solution([0x50, 0x05, *rest, 0x1C]), False, 0.0)
    agree(solution(sealed([0x91, 0x01, *rest])), True, 25.0625)
    agree(solution(sealed([0x5E, 0xFF, *rest])), True, -10.125)
    agree(solution(sealed([0x90, 0xFC, *rest])), True, -55.0)
    agree(solution(sealed([0x51, 0x05, *rest])), True, 85.0625)

    for config, positive, negative in (
        (0x1F, 25.5, -10.5),
        (0x3F, 25.75, -10.25),
        (0x5F, 25.875, -10.125),
    ):
        coarse = [0x4B, 0x46, config, 0xFF, 0x0C, 0x10]
        agree(solution(sealed([0x9F, 0x01, *coarse])), True, positive)
        agree(solution(sealed([0x5F, 0xFF, *coarse])), True, negative)

    good = sealed([0x91, 0x01, *rest])
    for i in range(9):
        broken = list(good)
        broken[i] ^= 0x10
        agree(solution(broken), False, 0.0)
    agree(solution([0] * 9), False, 0.0)
    agree(solution([255] * 9), False, 0.0)
    agree(solution(sealed([0, 0, *rest])), True, 0.0)
