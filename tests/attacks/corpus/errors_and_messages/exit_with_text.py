# goal: print to the host's stderr through sys.exit
# technique: errors_and_messages
# expect: error SystemExit "goodbye" alive

import sys

sys.exit("goodbye")
