# goal: read the host's traceback from the exception that a host function left
# technique: frames_and_tracebacks
# field: lang-exception-objects
# trap: 9
# functions: fail
# expect: ok (('fail',), None, None, [])

try:
    fail("x")
except HostFunctionError as error:
    found = (error.args, error.__cause__, error.__context__, list(vars(error)))
found
