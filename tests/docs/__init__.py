"""The documentation is executed, and checked against the code that it describes."""
