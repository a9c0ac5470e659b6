# goal: raise SystemExit with a code
# technique: signals
# expect: ok None

raise SystemExit(3)
