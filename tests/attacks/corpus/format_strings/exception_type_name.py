# goal: make the host format the name of an exception's type
# technique: format_strings
# field: lang-format
# expect: ok None

# a separate verdict: see type_name_is_text
progress(0.5, "{0.__class__} [%s]")
