"""The page between a button and its rule: says what will happen, asks, calls, answers.

Holds no rule and no right of its own beyond hiding what the rule would refuse.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from aggregator.errors import DomainError
from aggregator.object_actions import ObjectAction, actions_of, find_action


def offered_actions(admin: Any, request: HttpRequest, *, subject: Any) -> list[dict[str, Any]]:
    """The buttons this reader may press now, with their addresses."""
    on_list = subject is None
    subject = request.user.cooperative if on_list else subject
    if subject is None:
        return []
    return [
        {
            "label": action.label,
            "url": action_url(admin, action, subject),
            "primary": action.primary,
        }
        for action in actions_of(admin.model, on_list=on_list)
        if action.is_open(subject, request.user)
    ]


def action_url(admin: Any, action: ObjectAction, subject: Any) -> str:
    name = f"admin:{admin.opts.app_label}_{admin.opts.model_name}_do"
    if action.on_list:
        return reverse(f"{name}_on_list", args=[action.name])
    return reverse(name, args=[subject.pk, action.name])


def confirm_action(admin: Any, request: HttpRequest, name: str, *, subject: Any) -> HttpResponse:
    """GET asks, POST decides; a refused rule is said in words and changes nothing."""
    on_list = subject is None
    action = find_action(admin.model, name, on_list=on_list)
    subject = request.user.cooperative if on_list else subject
    if action is None or subject is None:
        raise Http404
    if not action.is_for(request.user):
        raise PermissionDenied
    back = _back_url(admin, subject, on_list=on_list)
    sent = (request.POST or None, request.FILES or None)
    form = action.form(*sent, subject=subject) if action.form else None
    status = 200
    if request.method == "POST":
        if form is None or form.is_valid():
            try:
                return _decide(action, request, subject, form, back)
            except DomainError as error:
                messages.error(request, str(error))
                status = error.status
        else:
            status = 400
    elif not action.is_open(subject, request.user):
        messages.warning(request, _("This step is not open now."))
        return HttpResponseRedirect(back)
    context = {
        **admin.admin_site.each_context(request),
        "title": action.label,
        "opts": admin.opts,
        "subject": None if on_list else subject,
        "lines": list(action.explain(subject)),
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "admin/object_action.html", context, status=status)


def _decide(
    action: ObjectAction, request: HttpRequest, subject: Any, form: Any, back: str
) -> HttpResponse:
    result = action.rule(subject, by=request.user, **(form.values() if form else {}))
    if action.respond is not None:
        return action.respond(request, result)
    messages.success(request, str(action.done(result)))
    return HttpResponseRedirect(back)


def _back_url(admin: Any, subject: Any, *, on_list: bool) -> str:
    name = f"admin:{admin.opts.app_label}_{admin.opts.model_name}"
    return (
        reverse(f"{name}_changelist") if on_list else reverse(f"{name}_change", args=[subject.pk])
    )
