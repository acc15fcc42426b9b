"""Errors of the rules: a stable code for programs, a translated sentence for people.

Pure code raises its own ``ValueError`` family instead; many errors at once (imports) are values.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule refused. Subclasses are named for the condition and set `code` and `message`.

    `message` may hold ``%(name)s`` places, filled from the keyword arguments.
    """

    code = "refused"
    message: str | Promise = _("This cannot be done.")
    status = 409

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.values if self.values else str(self.message)


class BadInput(DomainError):
    """What was sent cannot be read; subclasses name the place."""

    code = "bad_input"
    status = 400


class NotAllowed(DomainError):
    """The person's role does not include this step."""

    code = "not_allowed"
    message = _("Your role does not include this step: it needs %(role)s.")
    status = 403
