"""Every requirement (R) and edge case (X) of the set-up, and where those are tested that no single look
at a domain can show: FILE::TEST below tests/.

SPDX-License-Identifier: MIT
"""


def numbers(letter, *ranges):
    return [f"{letter}{number}" for first, last in ranges for number in range(first, last + 1)]


REQUIREMENTS = [*numbers("R", (1, 5), (10, 27), (30, 44), (50, 68), (70, 78), (80, 88), (90, 96), (100, 102)), *numbers("X", (1, 24))]

VERDICT = "unit/judge/verdict_test.c"

HISTORY = "integration/test_setup_history.py"

ELSEWHERE = {
    # What is told by more than one look.
    "R39": [f"{HISTORY}::test_policy_edited_and_id_left", f"{HISTORY}::test_record_before_policy"],
    "R40": [f"{HISTORY}::test_ids_have_no_order"],
    "R63": [f"{HISTORY}::test_a_host_that_is_no_mx_for_long"],
    "R64": [f"{HISTORY}::test_an_mx_that_left"],
    "R85": [f"{HISTORY}::test_reports_that_stay_away", f"{VERDICT}::test_tv13_silence"],
    "X20": [f"{HISTORY}::test_an_mx_that_left"],
    # What reports tell, and not the set-up: the verdict's vectors and triage, pages and summaries.
    "R4": [f"{VERDICT}::test_tv18_backup_probe"],
    "R5": ["integration/test_pages.py::test_reporters"],
    "R90": [f"{VERDICT}::test_tv3_day_nine", f"{VERDICT}::test_tv1_ready"],
    "R91": ["integration/test_summary.py::test_all_domains"],
    "R92": ["integration/test_pages.py::test_mx"],
    "R94": [f"{VERDICT}::test_tv12_older_policy"],
    "R100": ["unit/web/mx_letter_test.c::test_letter"],
    "R3": ["integration/test_setup.py::test_the_service_looks", "integration/test_setup.py::test_a_look_is_kept"],
    # What the guide of a change tells: the policy's command.
    "R93": ["integration/test_policy_command.py::test_record_before_policy_is_an_alarm"],
    "R95": ["integration/test_policy_command.py::test_way_back_is_never_refused"],
    "R96": ["integration/test_policy_command.py::test_leaving"],
    "R102": [f"{VERDICT}::test_tv8_tiny"],
    "X19": ["integration/test_https.py::test_not_our_domain"],
    "X23": ["unit/ingest/policy_test.c::test_canonical"],
}
