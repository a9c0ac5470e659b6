# goal: have a prompt taken for a message
# technique: stdin
# field: host-forged-frame
# stdin: ask
# expect: ok 'one'
# stdout: '{"type":"done"}'

input('{"type":"done"}')
