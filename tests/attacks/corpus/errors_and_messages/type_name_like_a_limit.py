# goal: have an error of the guest taken for one of the host
# technique: errors_and_messages
# field: lang-shadowing
# expect: error LimitExceeded "the guest reached its limit wall=10 s" alive

class LimitExceeded(Exception):
    pass


raise LimitExceeded("the guest reached its limit wall=10 s")
