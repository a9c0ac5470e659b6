# goal: leave the arithmetic of the next guest imprecise
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 28 alive

import decimal

precision = decimal.getcontext().prec
decimal.setcontext(decimal.Context(prec=1))
decimal.DefaultContext.prec = 1
precision
