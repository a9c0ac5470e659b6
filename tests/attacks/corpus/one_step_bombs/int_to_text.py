# goal: turn an integer into a million digits, which takes quadratic time
# technique: one_step_bombs
# field: step-big-power
# expect: error ValueError "Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit" alive

str(1 << 4_000_000)
