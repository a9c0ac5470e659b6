# goal: make the host format a guest's text
# technique: format_strings
# field: lang-format
# expect: error ValueError "{0.__class__} {limits} %s %(name)s %n {}"

raise ValueError("{0.__class__} {limits} %s %(name)s %n {}")
