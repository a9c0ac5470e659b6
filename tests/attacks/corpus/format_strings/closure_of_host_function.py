# goal: reach the host's function object through the closure of its stand-in
# technique: format_strings
# field: lang-format
# functions: echo
# expect: ok 'str'

cells = "{0.__closure__[0].cell_contents.__class__.__name__} {0.__closure__[1].cell_contents.__class__.__name__}"
sorted(cells.format(echo).split())[1]
