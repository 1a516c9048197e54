def signal(name, start, length, order, signed=False, scale=1.0, offset=0.0):
    return {
        "name": name,
        "start": start,
        "length": length,
        "order": order,
        "signed": signed,
        "scale": scale,
        "offset": offset,
    }


def check(solution):
    def value(data, *definition):
        return solution(list(data), [signal("s", *definition)]).get("s")

    data = [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0]
    assert value(data, 0, 8, "intel") == 0x12
    assert value(data, 0, 16, "intel") == 0x3412
    assert value(data, 7, 16, "motorola") == 0x1234
    assert value(data, 4, 8, "intel") == 0x41
    assert value(data, 3, 8, "motorola") == 0x23
    assert value(data, 13, 5, "motorola") == 0b11010, "within one byte, from bit 5 down"
    assert value(data, 10, 3, "intel") == 0b101
    assert value(data, 0, 64, "intel") == float(int.from_bytes(bytes(data), "little"))
    assert value(data, 7, 64, "motorola") == float(int.from_bytes(bytes(data), "big"))
    assert value(data, 18, 12, "motorola") == 0b110011110001
    assert value([0b100], 2, 1, "motorola", True) == -1

    assert value([0xFE, 0xFF], 0, 16, "intel", True) == -2
    assert value([0xFE, 0xFF], 0, 16, "intel", False) == 65534
    assert value([0x0F, 0x80], 3, 12, "motorola", True) == -128
    assert value([0x7F, 0xFF], 7, 16, "motorola", True) == 32767
    assert abs(value([0x10, 0x27], 0, 16, "intel", False, 0.01, -40.0) - 60.0) < 1e-9

    several = [
        signal("speed", 0, 16, "intel", scale=0.5),
        signal("beyond", 56, 8, "intel"),
        signal("partly", 28, 6, "intel"),
        signal("over", 25, 4, "motorola"),
        signal("last", 31, 8, "motorola"),
    ]
    found = solution([10, 0, 0, 7], several)
    assert dict(found) == {"speed": 5.0, "last": 7.0}, f"{found}"
    assert dict(solution([], several)) == {}
