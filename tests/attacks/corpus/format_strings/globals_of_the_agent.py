# goal: read the host's environment through str.format and attribute access
# technique: format_strings
# field: lang-format
# expect: ok False

text = "{0.__func__.__globals__} {0.__self__.__dict__}".format(progress)
"CANARY" in text
