# goal: make the host reduce a Fraction of five million digits
# technique: host_functions
# trap: 8
# functions: echo_fraction
# limits: cpu=20 wall=20
# expect: error EncodeError "a Fraction of 16000001 bits; at most 8192 may cross"

import fractions

echo_fraction(fractions.Fraction(1 << 16_000_000, 3))
