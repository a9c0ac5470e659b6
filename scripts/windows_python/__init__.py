"""A CPython for Windows that is compiled here, and Debian's Wine, which runs it: for the tests."""
