# goal: make the host convert the largest Decimal that may cross
# technique: host_functions
# trap: 8
# functions: add
# expect: error TypeError "add(): args.a: expected int, got Decimal 1E+6144"

import decimal

add(decimal.Decimal("1e6144"))
