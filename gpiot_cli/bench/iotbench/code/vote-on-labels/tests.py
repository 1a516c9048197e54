def check(solution):
    def smoothed(word, size):
        return "".join(solution(list(word), size))

    assert list(solution([], 3)) == []
    assert smoothed("abcabc", 1) == "abcabc"
    assert smoothed("aaabaaa", 3) == "aaaaaaa"
    assert smoothed("aaabbbb", 3) == "aaaabbb"
    assert smoothed("abab", 2) == "abab", "on a tie the latest label wins"
    assert smoothed("abc", 3) == "abc"
    assert smoothed("baab", 4) == "baab"
    assert smoothed("bbaac", 5) == "bbbaa"
    assert smoothed("aabbc", 4) == "aaabb", "the latest of the tied labels, not the latest label"
    assert smoothed("aaaaabbbbb", 5) == "aaaaaaabbb"
    assert solution(["walk", "run", "run"], 3) == ["walk", "run", "run"]
