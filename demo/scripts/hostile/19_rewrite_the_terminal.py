# tries: clear the screen of whoever reads this, and print a success of its own
# stands: control characters are written out
# expect: ok None
print("\x1b[2J\x1b[H\x1b[32mAll checks passed\x1b[0m")
