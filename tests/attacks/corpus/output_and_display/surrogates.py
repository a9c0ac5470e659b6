# goal: print text that cannot be encoded
# technique: output_and_display
# field: host-utf8
# expect: ok None
# stdout: '\\ud800\n'

print("\ud800")
