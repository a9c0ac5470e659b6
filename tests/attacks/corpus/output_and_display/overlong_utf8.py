# goal: pass a NUL and a slash in overlong forms
# technique: output_and_display
# field: host-utf8
# expect: ok None
# stdout: '\ufffd\ufffd\ufffd\ufffd'

from wire import output, send

send(output(b"\xc0\x80\xc0\xaf"))
