"""The verifier's pages: his projects, a sample, a field on the phone, a corrective action.

The cooperative's staff read the same pages; who may write is each rule's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator.errors import DomainError
from aggregator.keys import read_key
from aggregator.models import User
from credits.admin.verifier_map import trace_sample
from credits.admin.verifier_pages import (
    describe_action,
    describe_field,
    describe_sample,
    list_projects,
)
from credits.models import (
    CorrectiveAction,
    CorrectiveFile,
    FindingPhoto,
    SampledField,
    Verification,
)
from credits.verifying.corrective_actions import (
    accept_answer,
    answer_action,
    raise_action,
    reject_answer,
)
from credits.verifying.finding_files import add_photos
from credits.verifying.verification import record_finding
from credits.verifying.verifier_forms import FindingForm, MessageForm, PhotoForm, RaiseForm
from farms.map.views import map_settings


def show_start(request: HttpRequest) -> HttpResponse:
    """The reader's projects, and what is open in each."""
    context = {"title": _("To verify"), "projects": list_projects(_reader(request))}
    return _show(request, "start", context)


def show_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """A sample: map, fields in the order drawn, requests, what the findings would correct."""
    rows = Verification.objects.select_related("period__project", "run", "cooperative")
    check = _own(rows, request, pk)
    context = {
        "title": str(check.period),
        "check": check,
        "may_verify": _may_verify(request, check),
        **map_settings(),
        **describe_sample(check, _reader(request)),
    }
    return _show(request, "sample", context)


@require_safe
def show_plots(request: HttpRequest, pk: int) -> JsonResponse:
    """The sampled fields as outlines with what was found, for the map."""
    check = _own(Verification.objects.all(), request, pk)
    return JsonResponse(trace_sample(check))


def show_field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field with its evidence; findings and pictures are sent from here."""
    row = _own(
        SampledField.objects.select_related(
            "verification__period__project",
            "verification__run",
            "result__field__village",
            "result__household",
            "result__boundary",
            "cooperative",
        ),
        request,
        pk,
    )
    may_verify = _may_verify(request, row.verification)
    former = {"finding": row.finding, "note": row.note, "overclaimed_kg": row.overclaimed_kg}
    form, photos = FindingForm(initial=former, label_suffix=""), PhotoForm(label_suffix="")
    if request.method == "POST" and "photos" in request.FILES:
        photos = PhotoForm(request.POST, request.FILES, label_suffix="")
        if photos.is_valid() and _did(request, _send_photos, row, photos.cleaned_data):
            return redirect("sampled-field", pk)
    elif request.method == "POST":
        form = FindingForm(request.POST, label_suffix="")
        if form.is_valid() and _did(request, record_finding, row, form.cleaned_data):
            return redirect("verifier-sample", row.verification_id)
    context = {
        "title": _("%(number)s. field %(field)s")
        % {"number": row.position, "field": row.result.field.code},
        "check": row.verification,
        "form": form,
        "photo_form": photos,
        "may_verify": may_verify,
        **describe_field(row, _reader(request)),
    }
    return _show(request, "field", context)


def _send_photos(row: SampledField, *, photos: list[Any], by: User) -> None:
    add_photos(row, files=photos, by=by)


def raise_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a correction, of the whole or of the field named in the address."""
    check = _own(Verification.objects.select_related("period__project"), request, pk)
    asked = request.GET.get("field", "")
    field = check.sample.filter(pk=read_key(asked)).first()
    form = RaiseForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data, "sampled_field": field}
        if _did(request, raise_action, check, said):
            return redirect("verifier-sample", pk)
    title = _("Request a correction")
    context = {"title": title, "check": check, "form": form, "field": field}
    return _show(request, "raise", context)


def show_request(request: HttpRequest, pk: int) -> HttpResponse:
    """The thread of a corrective action; each side answers where it is its turn."""
    action = _own(
        CorrectiveAction.objects.select_related(
            "verification__period__project", "sampled_field__result__field", "cooperative"
        ),
        request,
        pk,
    )
    form = MessageForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        rule = _STEPS.get(request.POST.get("step", ""))
        if rule is not None and _did(request, rule, action, form.cleaned_data):
            return redirect("corrective-action", pk)
    user, drawn = _reader(request), action.verification.status == Verification.Status.DRAWN
    waits = action.status in (CorrectiveAction.Status.OPEN, CorrectiveAction.Status.REJECTED)
    context = {
        "title": str(action),
        "check": action.verification,
        "form": form,
        "thread": [
            {"row": message, "files": list(message.files.all())}
            for message in action.messages.select_related("by").prefetch_related("files")
        ],
        "may_answer": drawn and waits and _has_role(user, User.Role.OPERATOR),
        "may_judge": drawn
        and action.status == CorrectiveAction.Status.ANSWERED
        and _has_role(user, User.Role.VERIFIER),
        **describe_action(action, user),
    }
    return _show(request, "request", context)


_STEPS: dict[str, Callable[..., Any]] = {
    "answer": answer_action,
    "reject": reject_answer,
    "accept": accept_answer,
}


def show_photo(request: HttpRequest, pk: int) -> FileResponse:
    """The reduced copy, which we encoded ourselves from the pixels alone."""
    photo = _own(FindingPhoto.objects.all(), request, pk)
    response = FileResponse(_open(photo.view), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    return response


def download_file(request: HttpRequest, pk: int) -> FileResponse:
    # Never shown inside our own origin: what is handed in may be anything.
    row = _own(CorrectiveFile.objects.all(), request, pk)
    return FileResponse(_open(row.file), as_attachment=True, filename=row.file_name)


def _did(request: HttpRequest, rule: Callable[..., Any], subject: Model, said: Any) -> bool:
    """Call a rule in the reader's name; a refusal is said in words and changes nothing."""
    try:
        rule(subject, by=request.user, **said)
    except DomainError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, _("It is recorded."))
    return True


def _own(rows: Any, request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(rows.for_user(_reader(request)), pk=pk)


def _open(file: Any) -> Any:
    try:
        return file.open("rb")
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error


def _reader(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _has_role(user: User, role: str) -> bool:
    return user.is_superuser or user.role == role


def _may_verify(request: HttpRequest, check: Verification) -> bool:
    drawn = check.status == Verification.Status.DRAWN
    return drawn and _has_role(_reader(request), User.Role.VERIFIER)


def _show(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    whole = admin.site.each_context(request) | context
    return render(request, f"admin/verify/{name}.html", whole)
