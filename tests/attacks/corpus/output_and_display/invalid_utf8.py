# goal: break the host's text with bytes that are none
# technique: output_and_display
# field: host-utf8
# expect: ok None
# stdout: 'a\ufffd\ufffdb\ufffd'

from wire import output, send

send(output(b"a\xff\xfeb\xe2\x82"))
