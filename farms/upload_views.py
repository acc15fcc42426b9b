"""The pages of one file on its way in: progress, columns, preview, rows, and the buttons.

Each button calls one rule of `aggregator.uploads` or `aggregator.upload_mending` and wakes the
worker; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator import upload_mending, uploads
from aggregator.errors import DomainError
from aggregator.models import Upload, UploadRow, User
from farms import tasks, upload_map, upload_pages, upload_parts
from farms.import_views import require_operator, staff_of
from farms.upload_kinds import KINDS, WORDS

Status = Upload.Status
# A page that shows where the file stands now.
_TEMPLATES = {
    Status.READING: "progress",
    Status.CHECKING: "progress",
    Status.WRITING: "progress",
    Status.CHECKED: "preview",
}


def show_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the file stands: at work, to be matched, to be mended, or over."""
    upload = own_upload(request, pk)
    if upload.status == Status.MATCHING:
        return redirect("upload-columns", pk)
    if upload.run_id is not None:
        return redirect("import-run", upload.run_id)
    name = _TEMPLATES.get(Status(upload.status), "over")
    context = _preview(request, upload) if name == "preview" else {}
    if name == "progress":
        context = {"words": upload_pages.describe_work(upload)}
    return _page(request, upload, name, context)


def show_progress(request: HttpRequest, pk: int) -> JsonResponse:
    """What the progress page asks once a second."""
    upload = own_upload(request, pk)
    return JsonResponse(
        {
            "at_work": upload.status in Upload.AT_WORK,
            "words": upload_pages.describe_work(upload),
            "done": upload.progress_done,
            "total": upload.progress_total,
            "time": upload_pages.describe_time(upload),
        }
    )


def show_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of the file's columns is which; posting has the rows checked."""
    upload = own_upload(request, pk)
    if upload.status not in (Status.MATCHING, Status.CHECKED):
        return redirect("upload", pk)
    columns, own = upload_pages.list_columns(upload)
    if request.method == "POST":
        pairs, constants = upload_pages.posted_columns(columns, own, request.POST)
        try:
            uploads.match_columns(
                upload,
                columns=uploads.pair_columns(pairs),
                constants=constants,
                known=KINDS[upload.kind].columns,
                by=staff_of(request),
            )
        except DomainError as error:
            messages.error(request, str(error))
            chosen = {heading: key for key, heading in pairs}
            columns, own = upload_pages.keep_posted(columns, own, chosen, constants)
        else:
            tasks.run_upload.delay_on_commit(upload.pk)
            return redirect("upload", pk)
    return _page(request, upload, "columns", {"columns": columns, "own_columns": own})


def show_row(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One row with all of its cells; posting mends it."""
    upload = own_upload(request, pk)
    row = get_object_or_404(upload.rows, number=number)
    if upload.status != Status.CHECKED:
        return redirect("upload", pk)
    shown = upload_pages.show_row(upload, row, whole=True)
    if request.method != "POST":
        return _page(request, upload, "row", {"shown": shown, "back": request.GET.get("back", "")})
    if request.POST.get("do") == "split":
        codes = request.POST.getlist("part")
        return _decide(request, upload, lambda by: _split_row(row, codes, by=by))
    texts = upload_pages.changed_texts(shown, request.POST)
    return _decide(
        request, upload, lambda by: _answer_row(row, request.POST.get("do", ""), texts, by=by)
    )


def _answer_row(row: UploadRow, do: str, texts: dict[str, str], *, by: User) -> str:
    number = row.number
    if do == "leave_out":
        upload_mending.leave_out_row(row, by=by)
        return _("Row %(row)d is left out.") % {"row": number}
    if do == "take_back":
        upload_mending.take_back_row(row, by=by)
        return _("Row %(row)d is taken back in.") % {"row": number}
    if do in ("accept", "refuse"):
        upload_mending.accept_repair(row, accepted=do == "accept", by=by)
        if do == "accept":
            return _("The repaired outline of row %(row)d is taken.") % {"row": number}
        return _("The outline of row %(row)d stays as the file has it.") % {"row": number}
    if do != "mend":
        raise Http404
    if not texts:
        return _("Row %(row)d: nothing was typed anew.") % {"row": number}
    upload_mending.mend_row(row, texts=texts, by=by)
    return _("Row %(row)d is mended. Check again to see whether all is well.") % {"row": number}


def _split_row(row: UploadRow, codes: list[str], *, by: User) -> str:
    numbers = upload_parts.split_row(row, codes=codes, by=by)
    return _("Row %(row)d is left out; its parts are rows %(rows)s. Check again.") % {
        "row": row.number,
        "rows": ", ".join(map(str, numbers)),
    }


def check_again(request: HttpRequest, pk: int) -> HttpResponse:
    upload = own_upload(request, pk)
    return _decide(request, upload, lambda by: uploads.request_check(upload, by=by))


def write(request: HttpRequest, pk: int) -> HttpResponse:
    upload = own_upload(request, pk)
    return _decide(request, upload, lambda by: uploads.request_write(upload, by=by))


def convert_offset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the outlines back from the map that was suspected, or leave them after all."""
    upload = own_upload(request, pk)
    system = request.POST.get("system", "")
    if system and system not in upload_map.MOVES_BACK:
        raise Http404
    return _decide(request, upload, lambda by: uploads.convert_offset(upload, system=system, by=by))


def mend_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept all repairs of one kind of fault, or leave all its rows out."""
    upload = own_upload(request, pk)
    problem = request.POST.get("kind", "")

    def decide(by: User) -> str:
        if request.POST.get("do") == "accept":
            count = upload_mending.accept_repairs(upload, problem=problem, by=by)
            return ngettext(
                "%(count)d repaired outline is taken.",
                "%(count)d repaired outlines are taken.",
                count,
            ) % {"count": count}
        count = upload_mending.leave_out_kind(upload, problem=problem, by=by)
        return ngettext("%(count)d row is left out.", "%(count)d rows are left out.", count) % {
            "count": count
        }

    return _decide(request, upload, decide)


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    upload = own_upload(request, pk)
    return _decide(request, upload, lambda by: uploads.cancel_upload(upload, by=by))


def show_shapes(request: HttpRequest, pk: int) -> JsonResponse:
    """Outlines within ``?bbox=west,south,east,north`` for the map."""
    upload = own_upload(request, pk)
    if "crs" not in upload.details:
        raise Http404
    try:
        box = upload_map.read_box(request.GET.get("bbox", ""))
    except upload_map.NoBox as error:
        raise Http404 from error
    return JsonResponse(upload_map.list_shapes(upload, box))


def own_upload(request: HttpRequest, pk: int) -> Upload:
    """The upload, for operators of its cooperative; not found for all others."""
    uploads_seen = Upload.objects.for_user(staff_of(request))
    upload: Upload = get_object_or_404(uploads_seen.select_related("cooperative", "by"), pk=pk)
    require_operator(request)
    return upload


def _decide(
    request: HttpRequest, upload: Upload, rule: Callable[[User], str | None]
) -> HttpResponse:
    """Post a decision: call its rule, say what came of it, wake the worker, go back."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        said = rule(staff_of(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if said:
            messages.success(request, said)
        if upload.status in Upload.AT_WORK:
            tasks.run_upload.delay_on_commit(upload.pk)
    return redirect(_back(request, upload))


def _back(request: HttpRequest, upload: Upload) -> str:
    """Back to the filter and the row that the button was pressed at; never off this page."""
    back = request.POST.get("back", "")
    address = reverse("upload", args=[upload.pk])
    return f"{address}?{back}" if back and "\n" not in back else address


def _preview(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    query = request.GET.dict()
    if not query.keys() & {"show", "kind"}:
        query |= upload_pages.default_filter(upload)
    page = upload_pages.page_rows(upload, query)
    chosen = f"kind={query['kind']}" if query.get("kind") else f"show={query['show']}"
    repairs = any(row.picture and not row.row.repair_accepted for row in page.rows)
    bad = upload.rows.filter(error_count__gt=0, left_out=False).count()
    clean = not bad and not any(problem["level"] == "error" for problem in upload.problems)
    return {
        "page": page,
        "filters": upload_pages.list_filters(upload, query),
        "chosen": chosen,
        "back": f"{chosen}&from={query['from']}" if query.get("from") else chosen,
        "kind_key": query.get("kind", ""),
        "may_accept_all": repairs and bool(query.get("kind")),
        "may_leave_out_all": bool(query.get("kind")) and any(r.state == "error" for r in page.rows),
        "bad_rows": bad,
        "may_write": clean and not upload.details.get("mended"),
        "box": upload_map.whole_box(upload) if "crs" in upload.details else None,
        "suspicion": upload_pages.describe_suspicion(upload),
        "other_language": upload_pages.offer_language(upload),
    }


def _page(request: HttpRequest, upload: Upload, name: str, context: dict[str, Any]) -> HttpResponse:
    shared = {
        "title": upload.file_name,
        "upload": upload,
        "kind": WORDS[upload.kind],
        "steps": upload_pages.list_steps(upload),
        "is_open": upload.status in Upload.OPEN,
    }
    context = {**admin.site.each_context(request), **shared, **context}
    return render(request, f"admin/upload_{name}.html", context)
