def check(solution):
    found = solution("mode=cool; temp=21.5;fan = 3;")
    assert found == {"mode": "cool", "temp": 21.5, "fan": 3.0}, f"{found}"
    assert isinstance(found["fan"], float), "3 becomes a float"
    assert solution("") == {}
    assert solution(" ; ;a=1;; b=-2.5e1 ") == {"a": 1.0, "b": -25.0}
    assert solution("error=E 07") == {"error": "E 07"}, "spaces inside of a value stay"
    assert solution("offset=-0.5;unit=degC") == {"offset": -0.5, "unit": "degC"}
