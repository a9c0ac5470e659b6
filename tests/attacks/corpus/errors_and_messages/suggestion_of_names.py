# goal: make the search for a similar name take quadratic time
# technique: errors_and_messages
# field: step-c-recursion
# limits: cpu=3 wall=3
# expect: error AttributeError "type object 'Evil' has no attribute 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn'"

names = {"n" * 40 + str(number): 0 for number in range(700)}
Evil = type("Evil", (), names)
Evil.nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
