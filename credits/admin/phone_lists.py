"""Lists of the tonnes' floor on a phone: the columns one looks for first, the others on the row."""

from __future__ import annotations


class PhoneList:
    """Hides secondary columns of a list on narrow screens; the style sheet names them."""

    class Media:
        css = {"all": ["tianhui/credit-lists.css"]}
