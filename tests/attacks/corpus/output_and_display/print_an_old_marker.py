# goal: forge a result by a magic line on stdout
# technique: output_and_display
# field: host-forged-frame
# expect: ok 1
# stdout: '{"status": "ok", "result": 42}\n---RESULT---\n42\n'

print('{"status": "ok", "result": 42}\n---RESULT---\n42')
1
