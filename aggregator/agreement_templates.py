"""Versions of a cooperative's wording for a program: the first is the program's own.

A version is never edited; what changes is written as the next one.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.agreement_wording import Wording, check_wording, find_program
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import AgreementTemplate, Cooperative, User
from aggregator.roles import require_role


class NothingChanged(DomainError):
    code = "template_unchanged"
    message = _("The text is the same as in the newest version. Change it first.")


class WordsMissing(BadInput):
    code = "words_missing"
    message = _("Title and text are needed in Chinese and in English.")


def current_template(cooperative: Cooperative, *, program: str) -> AgreementTemplate:
    """The newest version, not yet saved where it is still the program's own wording.

    Raises:
        UnknownWording: no such program.
    """
    preset = find_program(program).wording
    newest = _newest(cooperative, program)
    return newest or _make(cooperative, program, version=1, wording=preset)


def kept_template(cooperative: Cooperative, *, program: str) -> AgreementTemplate:
    """The newest version as a row; the program's own wording is kept as the first."""
    template = current_template(cooperative, program=program)
    if template.pk is None:
        template, _made = AgreementTemplate.objects.get_or_create(
            cooperative=cooperative,
            program=program,
            version=1,
            defaults={
                "title": template.title,
                "body": template.body,
                "title_en": template.title_en,
                "body_en": template.body_en,
            },
        )
    return template


@transaction.atomic
def write_template(
    cooperative: Cooperative, *, program: str, wording: Wording, by: User
) -> AgreementTemplate:
    """Write the next version of a wording; agreements drafted from now on follow it.

    Raises:
        WordsMissing, UnknownPlace, LooseBrace, PlotsMissing: what the text lacks.
        NothingChanged: it is the newest version already.
    """
    # Two clerks who save at once take turns, and the second gets the number after.
    lock_cooperative(cooperative.pk)
    newest = kept_template(cooperative, program=program)
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=newest)
    words = (wording.title, wording.body, wording.title_en, wording.body_en)
    if not all(text.strip() for text in words):
        raise WordsMissing
    check_wording(wording, program=program)
    if wording == wording_of(newest):
        raise NothingChanged
    template = _make(cooperative, program, version=newest.version + 1, wording=wording)
    template.recorded_by = by
    template.save()
    audit.record_event(template, action="write_template", by=by, version=template.version)
    return template


def wording_of(template: AgreementTemplate) -> Wording:
    return Wording(template.title, template.body, template.title_en, template.body_en)


def _newest(cooperative: Cooperative, program: str) -> AgreementTemplate | None:
    rows = AgreementTemplate.objects.for_cooperative(cooperative).filter(program=program)
    newest: AgreementTemplate | None = rows.order_by("-version").first()
    return newest


def _make(
    cooperative: Cooperative, program: str, *, version: int, wording: Wording
) -> AgreementTemplate:
    return AgreementTemplate(
        cooperative=cooperative,
        program=program,
        version=version,
        title=wording.title,
        body=wording.body,
        title_en=wording.title_en,
        body_en=wording.body_en,
    )
