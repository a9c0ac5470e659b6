# goal: keep whoever follows a traceback going round
# technique: errors_and_messages
# field: lang-frames
# expect: error ValueError "traceback loop detected" alive

try:
    1 / 0
except ZeroDivisionError as error:
    found = error.__traceback__
found.tb_next = found
