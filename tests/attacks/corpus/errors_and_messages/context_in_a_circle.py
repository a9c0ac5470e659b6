# goal: keep whoever follows an exception's context going round
# technique: errors_and_messages
# field: lang-exception-objects
# expect: error ValueError "a" alive

a, b = ValueError("a"), ValueError("b")
a.__context__, b.__context__ = b, a
a.__cause__, b.__cause__ = b, a
raise a
