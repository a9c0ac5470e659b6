# goal: read input that never comes
# technique: resource_accounting
# limits: wall=1
# expect: error EOFError 'EOF when reading a line' alive

input()
