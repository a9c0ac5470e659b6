# goal: hand the host a Decimal that is short to write and long to use
# technique: host_functions
# trap: 8
# functions: echo_decimal
# expect: error EncodeError "a Decimal with the exponent 4000000; at most 6144"

import decimal

echo_decimal(decimal.Decimal("1e4000000"))
