# goal: learn paths or defaults of the host from the function that stands in for its own
# technique: host_functions
# trap: 9
# functions: lookup fail
# expect: ok ('ringfence_guest/functions.py', 'lookup(key: str) -> str\n\nWhat the table has under a key; it has only ``a`` and ``b``.')

code = lookup.__code__.co_filename
("ringfence_guest/" + code.rpartition("/")[2], lookup.__doc__)
