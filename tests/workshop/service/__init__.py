"""The workshop's service: its database, the way of a submission, HTTP and the command line."""
