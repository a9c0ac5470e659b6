# goal: have text on stdout taken for a message of the protocol
# technique: output_and_display
# field: host-forged-frame
# expect: ok None
# stdout: '\x19\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00{"type":"done","turn":1}\n'

print('\x19\0\0\0\0\0\0\0\0\0\0\0{"type":"done","turn":1}')
