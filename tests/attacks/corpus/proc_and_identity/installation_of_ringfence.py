# goal: learn where the product is installed on the host
# technique: proc_and_identity
# expect: ok None

import ringfence_guest

ringfence_guest.__file__
