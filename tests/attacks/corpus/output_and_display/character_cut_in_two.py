# goal: lose or double a character by cutting it between two frames
# technique: output_and_display
# field: host-utf8
# expect: ok None
# stdout: '€€'

from wire import output, send

send(output(b"\xe2"), output(b"\x82\xac\xe2\x82"), output(b"\xac"))
