# goal: break the sandbox by replacing stdin
# technique: stdin
# field: lang-shadowing
# stdin: "one\n"
# expect: ok 5

import sys

sys.stdin.close()
sys.stdin = None
5
