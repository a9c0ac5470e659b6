# goal: hide code from a reader behind a NUL
# technique: regex_and_parsers
# field: lang-shadowing
# expect: ok 'refused'

try:
    exec("result = 'ran'\0\nimport os")
except (SyntaxError, ValueError):
    result = "refused"
result
