# goal: pass NaN, which is equal to nothing
# technique: host_functions
# functions: half
# expect: ok nan

half(float("nan"))
