# goal: make the compiler compute for the program
# technique: regex_and_parsers
# field: step-big-power
# limits: memory=64MiB wall=5
# expect: limit memory ""
# expect[engine=wasi]: error OverflowError "repeated string is too long"

compile("(('x' * 4096) * 4096) * 4096", "x", "eval") and len(eval("(('x' * 4096) * 4096) * 4096"))
