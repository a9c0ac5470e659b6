# goal: get at an object that was not given, through AttributeError.obj
# technique: frames_and_tracebacks
# field: lang-exception-objects
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

try:
    progress.__self__.link.no_such_thing
except AttributeError as error:
    link = error.obj
link.call("__init__", [], {})
