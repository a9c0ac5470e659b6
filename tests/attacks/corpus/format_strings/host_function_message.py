# goal: make the host format a text inside a message of its own
# technique: format_strings
# field: lang-format
# functions: fail_visibly
# expect: error HostFunctionError "refused: {0.__globals__} %s {message!r}"

fail_visibly("{0.__globals__} %s {message!r}")
