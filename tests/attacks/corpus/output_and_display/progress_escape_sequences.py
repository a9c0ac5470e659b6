# goal: get escape sequences onto the host's terminal
# technique: output_and_display
# trap: 15
# expect: ok None

progress(0.5, "\x1b]0;owned\x07\x9b2J\r\n[{}]")
