"""The splitter of money under the name the money knows it by; it stands on the ground floor.

Imports no Django and adds nothing: tonnes are dealt by the same function.
"""

from aggregator.allocation import AllocationError as AllocationError  # noqa: PLC0414
from aggregator.allocation import allocate as allocate  # noqa: PLC0414
