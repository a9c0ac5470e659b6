# goal: make the host format or look up the name of an exception's type
# technique: format_strings
# field: lang-format
# expect: error KeyError "'x'"

Evil = type("KeyError", (Exception,), {"__str__": lambda self: "'x'", "__module__": "ringfence.errors"})
raise Evil
