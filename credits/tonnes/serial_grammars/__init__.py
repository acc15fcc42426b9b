"""How registries print ranges of serial numbers, a grammar each, read and printed exactly.

Imports no Django. Both ends of a range are inclusive in all of them: quantity = end − start + 1.
"""

from credits.tonnes.serial_grammars.grammar import Grammar, Serials, SerialsNotRead
from credits.tonnes.serial_grammars.reading import print_serials, read_serials, sketch_serials
from credits.tonnes.serial_grammars.registries import GRAMMARS

__all__ = [
    "GRAMMARS",
    "Grammar",
    "Serials",
    "SerialsNotRead",
    "print_serials",
    "read_serials",
    "sketch_serials",
]
