"""The tests of the store, with PostgreSQL: `address` is one of this folder's."""

from tests.server.store.test_accounts import *
from tests.server.store.test_audit import *
from tests.server.store.test_blobs import *
from tests.server.store.test_store import *
from tests.server.store.test_stored import *
