# goal: count the guests in the working folder
# technique: randomness_and_isolation
# twice: equal
# needs: disk
# expect: ok '/box/tmp' alive

import os

folder = os.getcwd()
os.mkdir("deeper")
os.chdir("deeper")
folder
