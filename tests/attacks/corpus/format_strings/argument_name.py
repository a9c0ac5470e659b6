# goal: make the host format the name of an argument that it complains of
# technique: format_strings
# field: lang-format
# functions: echo
# expect: error TypeError ~".*'\\{0\\.__class__\\} %s'.*"

echo(**{"{0.__class__} %s": "x"})
