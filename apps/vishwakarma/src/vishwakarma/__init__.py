"""What extensions import: ``import vishwakarma as vk`` is version 1 of the API."""

from vishwakarma_api.v1 import *  # noqa: F403 - this is what the module is for
from vishwakarma_api.v1 import __all__ as __all__
