"""The base of every admin page: own cooperative only, rights by role, decisions as object actions.

Django's permission rows are not used: a role and a cooperative say everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from aggregator.action_views import confirm_action, offered_actions
from aggregator.admin_export import export_list, offered_files
from aggregator.admin_filters import TenantRelatedFilter as TenantRelatedFilter  # noqa: PLC0414
from aggregator.admin_filters import own_values
from aggregator.admin_lists import FOUND_ROWS, CappedPaginator, TenantChangeList
from aggregator.admin_search import SEARCH, may_be_number, open_search, redirect_search
from aggregator.audit import record_event
from aggregator.change_words import find_model
from aggregator.empty_hints import empty_context
from aggregator.encryption import EncryptedTextField, hash_number, mask_number
from aggregator.history_views import show_history
from aggregator.keys import read_key
from aggregator.list_search import match_related, search_rows
from aggregator.models import Cooperative, User
from aggregator.tenancy import TenantModel

EVERYONE = frozenset(User.Role.values)
OPERATOR = frozenset({User.Role.OPERATOR.value})
APPROVER = frozenset({User.Role.APPROVER.value})
VERIFIER = frozenset({User.Role.VERIFIER.value})
NOBODY: frozenset[str] = frozenset()
# No cooperative's role: the platform's superusers alone.
PLATFORM = frozenset({"platform"})

_EXTRA_FILTERS: dict[type[models.Model], list[Any]] = {}
_LINKS: dict[type[models.Model], list[tuple[Any, str, str]]] = {}
_PAGE_LINKS: dict[type[models.Model], list[Callable[[Any], list[dict[str, Any]]]]] = {}


def register_filter(model: type[models.Model], list_filter: Any) -> None:
    """Let an upper floor add a filter to the list of a lower floor's model."""
    _EXTRA_FILTERS.setdefault(model, []).append(list_filter)


def register_link(model: type[models.Model], label: Any, target: str, lookup: str) -> None:
    """On a row's page, link to the list `target` (``app_model``) of the rows that name it."""
    _LINKS.setdefault(model, []).append((label, target, lookup))


def register_page_link(
    model: type[models.Model], make: Callable[[Any], list[dict[str, Any]]]
) -> None:
    """On a row's page, add the links that `make` gives for it: an upper floor's own pages."""
    _PAGE_LINKS.setdefault(model, []).append(make)


def link_to(row: models.Model | None, text: str = "") -> str:
    """A link to a row's admin page, or a dash."""
    if row is None:
        return "—"
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text or str(row))


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """A filter by a column of codes, each shown as `names` says it."""

    names: Callable[[str], str]

    def __init__(self, field: Any, request: HttpRequest, *others: Any, **named: Any) -> None:
        super().__init__(field, request, *others, **named)
        user: Any = request.user
        if not user.is_superuser:
            self.lookup_choices = own_values(field, owner=user.cooperative_id)

    def choices(self, changelist: Any) -> Iterator[Any]:
        codes = set(self.lookup_choices)
        for choice in super().choices(changelist):
            shown = choice["display"]
            yield {**choice, "display": type(self).names(shown) if shown in codes else shown}


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validates the row as its cooperative's; a personal number left empty stays what it was."""

    cooperative_id: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.cooperative_id is None:
            self.instance.cooperative_id = self.cooperative_id
        self.kept_numbers = {}
        for name, field in self.fields.items():
            if isinstance(field, MaskedField) and self.instance.pk:
                self.kept_numbers[name] = getattr(self.instance, name)
                self.initial[name] = ""
                field.required = False
                field.widget.attrs["placeholder"] = mask_number(self.kept_numbers[name])

    def _get_validation_exclusions(self) -> set[str]:
        exclusions: set[str] = super()._get_validation_exclusions()
        if self.instance.cooperative_id is not None:
            exclusions.discard("cooperative")
        return exclusions

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, number in self.kept_numbers.items():
            cleaned[name] = cleaned.get(name) or number
        owner = cleaned.get("cooperative") or self.instance.cooperative_id
        owner_id = owner.pk if isinstance(owner, Cooperative) else owner
        for name, value in cleaned.items():
            if isinstance(value, TenantModel) and owner_id and value.cooperative_id != owner_id:
                self.add_error(name, _("This belongs to another cooperative."))
        return cleaned


class MaskedField(forms.CharField):
    """A personal number that can be typed anew but is never shown."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"})


class RoleGate:
    """Rights by role within the own cooperative; a superuser may what any role may."""

    form = TenantForm
    seen_by = EVERYONE
    changed_by = OPERATOR
    deleted_by = NOBODY
    # Set where rows are made only by a rule or an import.
    never_added = False
    # field -> what a new clerk needs to be told of it
    help_texts: dict[str, Any] = {}
    # field with a personal number -> what is shown of it to those who may not change it
    masks: dict[str, str] = {}

    def _may(self, request: HttpRequest, roles: frozenset[str], row: Any = None) -> bool:
        user = request.user
        if not user.is_active or not roles:
            return False
        if user.is_superuser:
            return True
        if user.role == User.Role.VERIFIER:
            return user.role in roles and (row is None or _is_shown(row, user))
        if row is not None and self.owner_id(row) != user.cooperative_id:
            return False
        return user.cooperative_id is not None and user.role in roles

    def owner_id(self, row: Any) -> int | None:
        return row.cooperative_id

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.seen_by)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.seen_by, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.never_added and self._may(request, self.changed_by, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.changed_by, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.deleted_by, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)  # type: ignore[misc, no-any-return]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_fields(request, obj))  # type: ignore[misc]
        if self.masks and not self.has_change_permission(request, obj):
            fields = [self.masks.get(name, name) for name in fields]
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if not self.has_change_permission(request, obj):
            return list(flatten_fieldsets(self.get_fieldsets(request, obj)))  # type: ignore[attr-defined]
        return list(super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.help_texts:
            kwargs["help_text"] = self.help_texts[db_field.name]
        if isinstance(db_field, EncryptedTextField):
            kept = {key: text for key, text in kwargs.items() if key == "help_text"}
            return db_field.formfield(form_class=MaskedField, widget=MaskedField.widget, **kept)
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(formfield, "widget", None), RelatedFieldWidgetWrapper):
            # Three icons without a word beside every choice; the menu leads there too.
            formfield.widget.can_add_related = formfield.widget.can_change_related = False
            formfield.widget.can_view_related = False
        return formfield

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        related = db_field.remote_field.model
        if issubclass(related, TenantModel):
            kwargs["queryset"] = related.objects.for_user(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class TenantInline(RoleGate, admin.TabularInline):  # type: ignore[type-arg]
    """Rows of a row, under the same rights."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.cooperative_id = self.owner_id(obj) if obj else request.user.cooperative_id
        return formset


class ReadOnlyInline(TenantInline):
    """Rows of a row that nobody edits."""

    changed_by = NOBODY
    can_delete = False
    show_change_link = True


class OnRecord:
    """What is typed goes to the audit log: which fields, not what stood in them."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if self.owner_id(obj) is not None:  # type: ignore[attr-defined]
            record_event(obj, action="added", by=request.user)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if self.owner_id(obj) is not None:  # type: ignore[attr-defined]
            record_event(obj, action="changed", by=request.user, what=message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Who did what to the row, from what to what; a row that is gone still has its page."""
        key = read_key(object_id)
        if key is None:
            raise Http404
        return show_history(request, self.opts.model_name, key)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        # Django hands them to the database as they are.
        if None in map(read_key, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        return super().response_action(request, queryset)

    def _get_obj_does_not_exist_redirect(self, *_args: Any) -> HttpResponse:
        # Django goes home with a message; here a stranger's key answers as one that never was.
        raise Http404


class TenantAdmin(OnRecord, RoleGate, admin.ModelAdmin):  # type: ignore[type-arg]
    """List and page of a tenant-owned model, with its object actions."""

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = CappedPaginator
    change_form_template = "admin/tenant_change_form.html"
    change_list_template = "admin/tenant_change_list.html"
    # column with a keyed hash -> how what was typed is written before it is hashed
    search_hashes: dict[str, Any] = {}
    # fields fixed once the row exists: codes, and what a row belongs to
    fixed: tuple[str, ...] = ()

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))
        return [*columns, "cooperative"] if request.user.is_superuser else columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = [*super().get_list_filter(request), *_EXTRA_FILTERS.get(self.model, [])]
        return [*filters, "cooperative"] if request.user.is_superuser else filters

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        related = list(self.list_select_related or [])
        if request.user.is_superuser:
            related.append("cooperative")
        # For a row's own page too: its name is often made of its parents' names.
        return rows.select_related(*related) if related else rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        return ["cooperative", *fields] if request.user.is_superuser else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = super().get_readonly_fields(request, obj)
        return shown if obj is None else [*shown, "cooperative", *self.fixed]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.cooperative_id = self.owner_id(obj) if obj else request.user.cooperative_id
        return form

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        search_term = open_search(search_term)
        # A whole number is looked up by its hash: the column itself is ciphertext. Not for choices
        # as one types: those ask by address, where nobody's number is to stand.
        if may_be_number(search_term) and "term" not in request.GET:
            exact = models.Q()
            for column, written in self.search_hashes.items():
                wanted = {"exact": hash_number(written(search_term))}
                exact |= match_related(self.model, column, wanted, user=request.user)
            if exact and (known := queryset.filter(exact)).exists():
                return known, False
        columns = list(self.get_search_fields(request))
        if not columns:
            return queryset, False
        return search_rows(queryset, columns, search_term, user=request.user), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TenantChangeList]:
        return TenantChangeList

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> CappedPaginator:
        pages: Any = super().get_paginator(request, *args, **kwargs)
        pages.owner = None if request.user.is_superuser else request.user.cooperative_id
        if request.GET.get("q") or request.GET.get("term"):
            pages.most = FOUND_ROWS
        return pages  # type: ignore[no-any-return]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance.cooperative_id = form.instance.cooperative_id
        super().save_formset(request, form, formset, change)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("export/<slug:file_format>/", view(self.export), name=f"{name}_export"),
            path("do/<slug:action>/", view(self.decide_on_list), name=f"{name}_do_on_list"),
            path("<int:object_id>/do/<slug:action>/", view(self.decide), name=f"{name}_do"),
            *super().get_urls(),
        ]

    def own_object(self, request: HttpRequest, object_id: int | str) -> Any:
        """The row the reader may see, or 404."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def decide(self, request: HttpRequest, object_id: int, action: str) -> HttpResponse:
        return confirm_action(self, request, action, subject=self.own_object(request, object_id))

    def decide_on_list(self, request: HttpRequest, action: str) -> HttpResponse:
        return confirm_action(self, request, action, subject=None)

    def export(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        return export_list(self, request, file_format)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and SEARCH in request.POST:
            return redirect_search(request)
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "object_actions": offered_actions(self, request, subject=None),
            "files": offered_files(self, request),
        }
        context |= empty_context(request, self.opts.label)
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.own_object(request, object_id)
        offered = offered_actions(self, request, subject=row)
        context = {
            "title": f"{capfirst(self.opts.verbose_name)} {row}",
            "subtitle": None,
            "has_history": find_model(str(self.opts.model_name)) is not None,
            "object_actions": offered,
            "page_links": [
                *self.page_links(row),
                *(link for make in _PAGE_LINKS.get(type(row), []) for link in make(row)),
                *_linked_lists(request, row),
            ],
            **self.page_context(request, row),
        }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What this model's page shows beside its fields."""
        return {}

    def page_links(self, row: Any) -> list[dict[str, Any]]:
        """Links of this model's own beside its buttons."""
        return []


class ReadOnlyAdmin(TenantAdmin):
    """Rows written by rules alone: shown, never typed, by nobody."""

    changed_by = NOBODY
    never_added = True


def _is_shown(row: Any, user: User) -> bool:
    """Whether a verifier may see the row: by what is assigned to him, not by its cooperative."""
    if not isinstance(row, TenantModel):
        return False
    if row.pk is None:
        return bool(user.cooperative_id == row.cooperative_id)
    return type(row).objects.for_user(user).filter(pk=row.pk).exists()


def _linked_lists(request: HttpRequest, row: models.Model) -> list[dict[str, Any]]:
    """Links of the floors above, to lists that this reader may see."""
    links = []
    for label, target, lookup in _LINKS.get(type(row), []):
        shown_by = admin.site.get_model_admin(apps.get_model(target.replace("_", ".", 1)))
        if shown_by.has_view_permission(request):
            address = reverse(f"admin:{target}_changelist")
            links.append({"label": label, "url": f"{address}?{lookup}={row.pk}"})
    return links
