"""Every requirement (R) and edge case (X) of the set-up, and where those are tested that no single look
at a domain can show: FILE::TEST below tests/.

SPDX-License-Identifier: MIT
"""


def numbers(letter, *ranges):
    return [f"{letter}{number}" for first, last in ranges for number in range(first, last + 1)]


REQUIREMENTS = [*numbers("R", (1, 5), (10, 27), (30, 44), (50, 68), (70, 78), (80, 88), (90, 96), (100, 102)), *numbers("X", (1, 24))]

VERDICT = "unit/judge/verdict_test.c"

ELSEWHERE = {
    # Of reports: the verdict's vectors and triage.
    "R4": [f"{VERDICT}::test_tv18_backup_probe"],
    "R85": [f"{VERDICT}::test_tv13_silence", f"{VERDICT}::test_no_reports"],
    "R90": [f"{VERDICT}::test_tv3_day_nine", f"{VERDICT}::test_tv1_ready"],
    "R94": [f"{VERDICT}::test_tv12_older_policy"],
    "R102": [f"{VERDICT}::test_tv8_tiny"],
    "X23": [f"{VERDICT}::test_tv5_retrieval"],
}
