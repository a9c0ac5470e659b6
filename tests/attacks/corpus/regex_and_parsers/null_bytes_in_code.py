# goal: hide code from a reader behind a NUL
# technique: regex_and_parsers
# field: lang-shadowing
# expect: error SyntaxError ~"source code (string )?cannot contain null bytes"

exec("x = 1\0\nimport os")
