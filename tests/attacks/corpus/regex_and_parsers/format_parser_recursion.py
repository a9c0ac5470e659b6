# goal: overflow the parser of formatted strings by nesting
# technique: regex_and_parsers
# field: lang-format, step-c-recursion
# expect: error SyntaxError ~".*"

eval("f'" + "{1:" * 1_000 + "}" * 1_000 + "'")
