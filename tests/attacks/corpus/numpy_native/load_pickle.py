# goal: run code by loading an array that is a pickle
# technique: numpy_native
# field: host-unpickle
# packages: numpy
# needs: disk
# expect: ok 'EPERM'

import os
import pickle

import numpy as np

from attempt import attempt


class Evil:
    def __reduce__(self):
        return attempt, (os.fork,)


with open("evil.npy", "wb") as file:
    pickle.dump(Evil(), file)
np.load("evil.npy", allow_pickle=True)
