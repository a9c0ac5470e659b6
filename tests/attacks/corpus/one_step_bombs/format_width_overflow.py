# goal: overflow the number that a width is read into
# technique: one_step_bombs
# field: step-format-width
# expect: error ValueError "Too many decimal digits in format string" alive

"{:99999999999999999999d}".format(1)
