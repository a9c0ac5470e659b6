# goal: take an object out of an exception group by except*
# technique: frames_and_tracebacks
# field: lang-exception-objects
# expect: ok ['EPERM']

from attempt import attempt

found = []
try:
    try:
        __import__("os").no_such_call
    except AttributeError as error:
        raise ExceptionGroup("g", [error]) from None
except* AttributeError as group:
    found.append(attempt(group.exceptions[0].obj.fork))
found
