# goal: end the sandbox by sys.exit with a code
# technique: errors_and_messages
# expect: error SystemExit "3" alive

raise SystemExit(3)
