# goal: have the turn taken for one that the host interrupted
# technique: errors_and_messages
# expect: error KeyboardInterrupt "mine" alive

raise KeyboardInterrupt("mine")
