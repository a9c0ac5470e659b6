# goal: break the next turn by clearing the namespace
# technique: modules_and_main
# field: lang-shadowing
# expect: ok 2

globals().clear()
# --- next turn
1 + 1
