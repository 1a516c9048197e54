def check(solution):
    readings = [["a", -60.0], ["b", -70.0], ["a", -64.0], ["c", -50.0], ["a", -65.0], ["b", -71.0]]
    found = solution(readings)
    assert set(found) == {"a", "b", "c"}, f"tags {sorted(found)}"
    for tag, strength in (("a", -63.0), ("b", -70.5), ("c", -50.0)):
        assert abs(found[tag] - strength) < 1e-9, f"{tag}: {found[tag]} instead of {strength}"
    assert solution([]) == {}
