# goal: leave by an exception that ordinary handlers do not catch
# technique: errors_and_messages
# expect: error GeneratorExit "" alive

raise GeneratorExit
