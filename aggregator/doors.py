"""Through which door a change came, in words: a page, a command of the shell, a job of the program.

Knows the doors by the names `actors` keeps; pages of staff go without saying.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DOORS: dict[str, str | Promise] = {
    "admin": "",
    "portal": gettext_lazy("on the phone"),
    "api": gettext_lazy("through the API"),
    "load_demo": gettext_lazy("when the demonstration was loaded"),
    "import_households": gettext_lazy("by an import from the shell"),
    "import_fields": gettext_lazy("by an import from the shell"),
    "import_practices": gettext_lazy("by an import from the shell"),
    "settle": gettext_lazy("by a settlement from the shell"),
    "migrate": gettext_lazy("when the program was updated"),
    "rotate_field_keys": gettext_lazy("when the keys of the encryption were changed"),
    "shell": gettext_lazy("by hand in the program's shell"),
}


def tell_door(via: str) -> str:
    """The door's words; one without any is a command or, with a dot in its name, a job."""
    if via in DOORS:
        return str(DOORS[via])
    if not via:
        return ""
    return _("by a job of the program") if "." in via else _("by a command of the program")
