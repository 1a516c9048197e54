import numpy as np

# Intervals and beat labels of record 119 of the MIT-BIH Arrhythmia Database, its first minute
# without the first two beats (PhysioNet, ODC-By 1.0; see gpiot_cli/data/ecg_sample/README.md).
RR_119 = [
    939, 933, 889, 897, 539, 1300, 944, 881, 861, 928, 531, 1272, 925, 869, 917, 911, 864, 953,
    933, 867, 547, 1303, 553, 1342, 533, 1331, 569, 1272, 631, 1239, 550, 1333, 883, 897, 878, 839,
    542, 1286, 542, 1286, 569, 1286, 536, 1306, 881, 867, 903, 875, 522, 1342, 919, 531, 1319, 939,
    542, 1339, 592, 1356, 925, 531, 1317, 539,
]  # fmt: skip
LABELS_119 = "NNNNVNNNNNVNNNNNNNNNVNVNVNVNVNVNNNNNVNVNVNVNNNNNVNNVNNVNVNNVNV"


def check(solution):
    labelled = [i for i, label in enumerate(LABELS_119) if label == "V"]
    found = solution(np.array(RR_119, dtype=float))
    assert list(found) == labelled[:-1], "the last beat of the record has no pause to show"

    plain = np.full(20, 800.0)
    assert len(solution(plain)) == 0
    early = plain.copy()
    early[9:11] = 500, 1100
    assert list(solution(early)) == [9]
    assert list(solution(early[:10])) == [], "without a following interval nothing is premature"

    early[10] = 800.0
    assert list(solution(early)) == [], "an early beat without a pause is no premature beat"
    early[10] = 1500.0
    assert list(solution(early)) == [], "the pause is too long"

    # 800, then eight times 600: the reference forgets the first, but only after eight.
    rate_change = np.array([800.0] + [700.0] * 8 + [550.0, 850.0] + [700.0] * 3)
    assert list(solution(rate_change)) == [9]
    assert len(solution(np.array([800.0]))) == 0
    assert len(solution(np.array([]))) == 0
