"""Tests whose guests open files by their paths: those of a package or module that no image has
imported beforehand, or that the host granted. Behind seccomp alone there are no such calls.
"""

from __future__ import annotations

import re

__all__ = ["needs_paths"]

_TESTS = re.compile(
    r"""
    test_read | test_read_a_single_file | test_read_is_read_only | test_beside_what_is_granted
    | test_zoneinfo | test_dataframe_is_columns_and_a_display
    | test_a_table_arrives_as_its_columns | test_digits_are_not_lost_in_silence
    | test_a_table_that_a_host_function_gets_is_not_displayed
    | test_frames_and_columns_inside_containers | test_pandas | test_scipy | test_metadata
    | test_traceback_is_that_of_cpython\[\w+-stdlib\] | test_description | test_help
    | test_module_works | test_missing_modules | test_denied_at_once | test_denial_is_a_permission_error
    | test_async_tests_and_doctest | test_guest_value_arrives\[\w+-values\.subclasses-11\]
    """,
    re.VERBOSE,
)


def needs_paths(name: str) -> bool:
    """Whether the test of this name does, by itself or in the row that it names."""
    return (
        _TESTS.fullmatch(name) is not None or _TESTS.fullmatch(name.partition("[")[0]) is not None
    )
