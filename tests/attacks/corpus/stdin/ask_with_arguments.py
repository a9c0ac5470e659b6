# goal: pass arguments to the function that gives a line
# technique: stdin
# field: host-forged-frame
# stdin: ask
# expect: ok 'one\n'

progress.__self__.link.call("input", ["__import__('os')"], {"x": 1})
