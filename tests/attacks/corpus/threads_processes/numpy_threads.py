# goal: have NumPy's linear algebra start threads of its own
# technique: threads_processes
# packages: numpy
# expect: ok (500.0, 0) alive

import threading

import numpy

before = threading.active_count()
float((numpy.ones((500, 500)) @ numpy.ones((500, 500)))[0, 0]), threading.active_count() - before
