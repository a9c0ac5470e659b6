# goal: raise SystemExit with a code
# technique: signals
# expect: error SystemExit '3' alive

raise SystemExit(3)
