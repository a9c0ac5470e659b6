# goal: leave no memory for the report of the error
# technique: errors_and_messages
# field: step-list-repeat
# limits: memory=32MiB
# expect: limit memory ~".*"

hoard = []
while True:
    hoard = [hoard, None]
