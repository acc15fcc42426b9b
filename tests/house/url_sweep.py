"""Calls every address of the resolver with a stranger's keys and says what it answered wrongly.

`sweep_urls` is a function from a resolver to violations, so that a test can plant one. An address
it does not know how to fill in is itself a violation: nobody adds one and forgets this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver

from aggregator.models import Agreement, ImportRun, Upload, UploadRow, Village
from aggregator.object_actions import actions_of
from credits.models import (
    CorrectiveAction,
    CorrectiveFile,
    FindingPhoto,
    SampledField,
    SoilCampaign,
    SoilReport,
    Verification,
)
from farms.models import Field
from payouts.models import Statement

# Stands in every name and code of the cooperative that must stay unseen.
MARK = "青山"

# Addresses without a tenant's rows behind them, by name; each with its reason.
OPEN = {
    "admin:login": "the door itself",
    "admin:guide": "the order of work in general words",
    "admin:logout": "ends one's own session",
    "admin:password_change": "one's own password",
    "admin:password_change_done": "one's own password",
    "admin:view_on_site": "no model has a page of its own outside",
    "admin:jsi18n": "words of the interface",
    "admin:app_list": "names of models",
    "admin:": "the catch-all of the admin: only redirects or 404",
    "set_language": "one's own language",
    "list-file": "for the one who asked alone, not the cooperative; its own tests say so",
    "list-file-content": "for the one who asked alone, not the cooperative; its own tests say so",
    "credits-proof": "the reader's own cooperative's alone; its own tests say so",
    "certificate": "public by its unguessable token; its own tests say what it shows",
    "payouts:check-statement": "public by its unguessable token; its own tests say what it shows",
    **dict.fromkeys(
        (
            *("methodologies", "methodology", "methodology-schema", "methodology-estimate"),
            *("estimates", "estimate"),
        ),
        "published arithmetic, of no one's rows",
    ),
    "sample-page": "public by its unguessable code; its own tests say what it shows",
    "sample-list": "public by its unguessable code; its own tests say what it shows",
    "sample-order": "public by its unguessable code; its own tests say what it shows",
    "door:sign-in": "before the door",
    "door:code": "before the door",
    "door:sign-out": "ends one's own session",
}
# Where those who may not enter are sent: staff to the portal's door, households to the admin's.
DOORS = ("/sign-in/", "/admin/login/")
# Parameters that name no row.
WORDS = {"kind": "households", "file_format": "csv", "record_kind": "village", "program": "ccx"}
# Addresses that are neither the admin's nor the API's: parameter -> model and column.
KEYS: dict[str, dict[str, tuple[type[Model], str]]] = {
    "import-run": {"pk": (ImportRun, "pk")},
    "import-file": {},
    "import-template": {},
    **{
        name: {"pk": (Upload, "pk")}
        for name in (
            *("upload", "upload-progress", "upload-columns", "upload-shapes", "upload-check"),
            *("upload-kinds", "upload-offset", "upload-write", "upload-cancel"),
        )
    },
    "upload-row": {"pk": (Upload, "pk"), "number": (UploadRow, "number")},
    "admin:record_history": {"object_id": (Village, "pk")},
    "agreements:page": {"pk": (Agreement, "pk")},
    "agreements:code": {"pk": (Agreement, "pk")},
    "agreements:pdf": {"pk": (Agreement, "pk")},
    "agreements:scan": {"pk": (Agreement, "pk")},
    "verifier-sample": {"pk": (Verification, "pk")},
    "verifier-plots": {"pk": (Verification, "pk")},
    "raise-action": {"pk": (Verification, "pk")},
    "sampled-field": {"pk": (SampledField, "pk")},
    "finding-photo": {"pk": (FindingPhoto, "pk")},
    "corrective-action": {"pk": (CorrectiveAction, "pk")},
    "corrective-file": {"pk": (CorrectiveFile, "pk")},
    **{key: {"pk": (SoilCampaign, "pk")} for key in ("soil-answer", "soil-inputs", "soil-list")},
    "soil-report": {"pk": (SoilReport, "pk")},
    "map-plot": {"pk": (Field, "pk")},
    "redraw-field": {"pk": (Field, "pk")},
    "split-field": {"pk": (Field, "pk")},
    "split-preview": {"pk": (Field, "pk")},
    "field-boundaries": {"pk": (Field, "pk")},
    "portal:statement": {"number": (Statement, "number")},
    "portal:statement-pdf": {"number": (Statement, "number")},
}


@dataclass(frozen=True)
class Target:
    """One address filled in; `keyed` when a stranger's row is named in it."""

    name: str
    path: str
    keyed: bool


def list_patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[Any]:
    """Every pattern with its whole route and its name with namespaces."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from list_patterns(entry, route, inner)
        else:
            yield entry, route, f"{space}{entry.name or ''}"


def fill_in(
    resolver: URLResolver, find: Callable[[type[Model], str], Any]
) -> tuple[list[Target], list[str]]:
    """Addresses with the stranger's keys, and those that cannot be filled in."""
    targets, unknown = [], []
    for pattern, route, name in list_patterns(resolver):
        # A route with a format ending is the same view again.
        if name in OPEN or "format" in route:
            continue
        try:
            targets += list(_targets(pattern, route, name, find))
        except LookupError as error:
            unknown.append(f"{name or route}: no way to be swept ({error})")
    return targets, unknown


def _targets(
    pattern: URLPattern, route: str, name: str, find: Callable[[type[Model], str], Any]
) -> Iterator[Target]:
    # DRF's format suffix and regular expressions are written as Django's own routes are.
    places = re.findall(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", route)
    names = [one or other for one, other in places]
    model = _model_of(pattern, name)
    for action in _actions(model, route) if "action" in names else [""]:
        values = {"action": action, **WORDS}
        keyed = False
        for place in names:
            if place in values:
                continue
            if name in KEYS:
                column_model, column = KEYS[name][place]
                values[place] = str(find(column_model, column))
            elif model is not None:
                values[place] = str(find(model, "pk"))
            else:
                raise LookupError(f"nothing says which row <{place}> is")
            keyed = True
        yield Target(name, "/" + _put(route, values), keyed)


def _put(route: str, values: dict[str, str]) -> str:
    # The router's regular expressions first: they hold a name in angle brackets too.
    filled = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda place: values[place[1]], route)
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda place: values[place[1]], filled)
    return filled.replace("\\Z", "").replace("$", "").replace("^", "")


def _model_of(pattern: URLPattern, name: str) -> type[Model] | None:
    """The model an admin or API address is about."""
    viewset = getattr(pattern.callback, "cls", None)
    if viewset is not None:
        return viewset.queryset.model  # type: ignore[no-any-return]
    if not name.startswith("admin:"):
        return None
    for model in admin.site._registry:
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    # Django's own user page keeps the name of the model it was written for.
    return apps.get_model("aggregator.User") if name.startswith("admin:auth_user_") else None


def _actions(model: type[Model] | None, route: str) -> list[str]:
    if model is None:
        raise LookupError("an action of no model")
    on_list = "<int:object_id>" not in route
    names = [action.name for action in actions_of(model, on_list=on_list)]
    # A model without actions has the address all the same.
    return names or ["none"]


def sweep_urls(
    resolver: URLResolver,
    *,
    strangers: dict[str, Client],
    owners: dict[str, Client],
    find: Callable[[type[Model], str], Any],
) -> list[str]:
    """Violations of "a stranger's key is not found, and a stranger's list is not seen"."""
    targets, violations = fill_in(resolver, find)
    for target in targets:
        for role, stranger in strangers.items():
            for method in ("get", "post") if target.keyed else ("get",):
                answer = getattr(stranger, method)(target.path)
                wrong = judge(target, answer)
                if wrong and _same_for_owner(answer, owners[role], method, target):
                    continue
                if wrong:
                    violations.append(f"{role} {method.upper()} {target.path}: {wrong}")
    return violations


def judge(target: Target, answer: Any) -> str:
    """What is wrong with a stranger's answer, or nothing."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if MARK.encode() in body:
        return f"shows {MARK}"
    if answer.status_code == 302 and answer["Location"].startswith(DOORS):
        return ""
    if target.keyed and answer.status_code != 404:
        return f"answers {answer.status_code}"
    return f"breaks with {answer.status_code}" if answer.status_code >= 500 else ""


def _same_for_owner(answer: Any, owner: Client, method: str, target: Target) -> bool:
    """A door closed to the role altogether, with one's own keys too, tells a stranger nothing."""
    if answer.status_code not in (403, 405):
        return False
    return bool(getattr(owner, method)(target.path).status_code == answer.status_code)
