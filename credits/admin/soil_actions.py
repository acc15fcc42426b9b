"""Decisions on soil sampling: each a button calling one rule."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import EVERYONE, OPERATOR
from aggregator.importing import ImportReport
from aggregator.models import User, Village
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from credits.models import MonitoringPeriod, Project, SoilCampaign, SoilPoint, SoilReport
from credits.soil.estimate import RULE_NAMES
from credits.soil.reports import FROZEN, may_withdraw, tie_round, withdraw_results
from credits.soil.results import Lab, import_results
from credits.soil.sampling import (
    MAX_POINTS,
    RoundPlan,
    close_round,
    draw_points,
    plan_round,
    replace_point,
)
from credits.soil.sheets import render_sheets, villages_with_points

Status = SoilCampaign.Status
SHEETS = ".xlsx,.csv"


class DepthsField(forms.CharField):
    """Whole centimetres, each deeper than the one before."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("，", ",").replace("、", ",")
        try:
            return tuple(int(part) for part in text.split(",") if part.strip())
        except ValueError as error:
            raise forms.ValidationError(_("Write whole centimetres, e.g. 15, 30.")) from error


class RoundForm(ActionForm):
    stratify_by = forms.ChoiceField(
        label=_("Strata by"),
        choices=SoilCampaign.StratifyBy.choices,
        help_text=_("Fields that are alike stand in one stratum; each gets points of its own."),
    )
    sheet = forms.FileField(
        label=_("Sheet with the strata"),
        required=False,
        help_text=_("Only for strata by a sheet: columns “field code” and “stratum”."),
        widget=forms.ClearableFileInput({"accept": SHEETS}),
    )
    total_points = forms.IntegerField(
        label=_("Points in all"),
        min_value=2,
        max_value=MAX_POINTS,
        initial=30,
        help_text=_("Shared out by area; at least 2 to a stratum, 3 where the program wants it."),
    )
    by_spread = forms.BooleanField(
        label=_("Share out by area and by the spread found in the round before (Neyman)"),
        required=False,
    )
    revisits = forms.BooleanField(
        label=_("Go back to the same points as in the round before"), required=False
    )
    depths_cm = DepthsField(
        label=_("Layers down to (cm)"), initial="15, 30", help_text=_("The lower end of each.")
    )
    cores_per_sample = forms.IntegerField(
        label=_("Cores put together"), min_value=1, max_value=100, initial=1
    )
    probe_diameter_mm = forms.DecimalField(
        label=_("Inner diameter of the probe (mm)"),
        min_value=1,
        max_digits=6,
        decimal_places=2,
        required=False,
        help_text=_("Needed where the laboratory gives the mass of fine earth."),
    )
    density_of = forms.ChoiceField(
        label=_("Bulk density is that of"), choices=SoilCampaign.DensityOf.choices
    )
    rule = forms.ChoiceField(label=_("Rule of uncertainty"), choices=list(RULE_NAMES.items()))

    def values(self) -> dict[str, Any]:
        return {"plan": self.cleaned_data}


def _plan(project: Project, *, plan: dict[str, Any], by: User) -> SoilCampaign:
    with tempfile.TemporaryDirectory(prefix="soil-") as folder:
        sheet = _keep(plan["sheet"], Path(folder)) if plan["sheet"] else None
        return plan_round(project, plan=RoundPlan(**plan | {"sheet": sheet}), by=by)


def _keep(file: UploadedFile, folder: Path) -> Path:
    """The uploaded file as one on disk, under its own name without any folder."""
    path = folder / Path(file.name or "sheet").name
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return path


register_action(
    Project,
    ObjectAction(
        name="plan-soil",
        label=_("Plan a soil sampling"),
        roles=OPERATOR,
        rule=_plan,
        form=RoundForm,
        explain=lambda _project: [
            _("The enrolled fields, their outlines and strata are published under one hash."),
            _("Then you give a seed that nobody could know before, and the points are drawn."),
            _("A later round keeps the strata of the first, else the two cannot be compared."),
        ],
        done=lambda campaign: (
            _("%(count)d fields are on the list. Its SHA-256: %(sha256)s")
            % {"count": campaign.population_size, "sha256": campaign.population_sha256}
        ),
        primary=False,
    ),
)
register_action(
    SoilCampaign,
    ObjectAction(
        name="draw",
        label=_("Draw the points"),
        roles=OPERATOR,
        rule=draw_points,
        form=type(
            "SoilSeedForm",
            (ActionForm,),
            {
                "seed": forms.CharField(
                    label=_("Published seed"),
                    max_length=200,
                    help_text=_(
                        "Numbers nobody could know beforehand, e.g. of a public lottery, as text."
                    ),
                )
            },
        ),
        allowed=lambda campaign, _user: campaign.status == Status.PLANNED,
        explain=lambda _campaign: [
            _("Places are drawn inside the fields of each stratum, evenly over their area."),
            _("Anyone can find them again with the list and the seed. They are drawn once."),
        ],
        done=lambda points: _("%(count)d points are drawn.") % {"count": len(points)},
    ),
)


class SheetsForm(ActionForm):
    village = forms.ModelChoiceField(Village.objects.none(), label=_("Village"), empty_label=None)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages_with_points(self.subject)  # type: ignore[attr-defined]
        self.initial["language"] = translation.get_language()


def _render(
    campaign: SoilCampaign, *, village: Village, language: str, by: User
) -> tuple[str, bytes]:
    with translation.override(language):
        content = render_sheets(campaign, village=village, by=by)
    return f"{campaign.project.code}-{campaign.number}-{village.code}.pdf", content


def _send_pdf(_request: HttpRequest, file: tuple[str, bytes]) -> HttpResponse:
    named = {"Content-Disposition": content_disposition_header(True, file[0]) or ""}
    return HttpResponse(file[1], "application/pdf", headers=named | {"Cache-Control": "no-store"})


register_action(
    SoilCampaign,
    ObjectAction(
        name="sheets",
        label=_("Print sampling sheets"),
        roles=EVERYONE,
        rule=_render,
        form=SheetsForm,
        allowed=lambda campaign, _user: campaign.status == Status.DRAWN,
        explain=lambda _campaign: [
            _("A village's points as a PDF: a map of each with its code, and blanks to fill in."),
        ],
        respond=_send_pdf,
        primary=False,
    ),
)


class ResultsForm(ActionForm):
    file = forms.FileField(
        label=_("The laboratory's sheet"),
        help_text=_(
            "Headings with units: sample, from (cm), to (cm), organic carbon (g/kg) or (%), "
            "bulk density (g/cm3) or fine earth (g), sampled on."
        ),
        widget=forms.ClearableFileInput({"accept": SHEETS}),
    )
    laboratory = forms.CharField(label=_("Laboratory"), max_length=100)
    confirmed = forms.BooleanField(
        label=_("What is unusual has been asked about and stands"),
        required=False,
        help_text=_("Leave this empty the first time: unusual values are then listed."),
    )


def _take(
    campaign: SoilCampaign, *, file: UploadedFile, laboratory: str, confirmed: bool, by: User
) -> ImportReport:
    with tempfile.TemporaryDirectory(prefix="soil-") as folder:
        path = _keep(file, Path(folder))
        return import_results(campaign, path, lab=Lab(name=laboratory, confirmed=confirmed), by=by)


def _show_report(_request: HttpRequest, report: ImportReport) -> HttpResponse:
    return HttpResponseRedirect(reverse("import-run", args=[report.run_id]))


register_action(
    SoilCampaign,
    ObjectAction(
        name="results",
        label=_("Bring in laboratory results"),
        roles=OPERATOR,
        rule=_take,
        form=ResultsForm,
        allowed=lambda campaign, _user: campaign.status == Status.DRAWN,
        explain=lambda _campaign: [
            _("Every fault is listed by its row and column; with one, nothing is written."),
        ],
        respond=_show_report,
    ),
)


def _explain_close(_campaign: SoilCampaign) -> Iterator[Any]:
    yield _("Every point that stands must have results.")
    yield _("Afterwards points and results stay as they are, and a next round can be planned.")


register_action(
    SoilCampaign,
    ObjectAction(
        name="close",
        label=_("Close the round"),
        roles=OPERATOR,
        rule=close_round,
        allowed=lambda campaign, _user: campaign.status == Status.DRAWN,
        explain=_explain_close,
        primary=False,
    ),
)


class PeriodForm(ActionForm):
    period = forms.ModelChoiceField(
        MonitoringPeriod.objects.none(), label=_("Monitoring period"), empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = MonitoringPeriod.objects.filter(project=self.subject.project_id)
        self.fields["period"].queryset = (  # type: ignore[attr-defined]
            rows.exclude(status__in=FROZEN).select_related("project")
        )


def _may_be_tied(campaign: SoilCampaign, _user: Any) -> bool:
    return campaign.period is None or campaign.period.status not in FROZEN


register_action(
    SoilCampaign,
    ObjectAction(
        name="tie",
        label=_("Tie to a period"),
        roles=OPERATOR,
        rule=tie_round,
        form=PeriodForm,
        allowed=_may_be_tied,
        explain=lambda _campaign: [
            _("The round's answer is then shown with that period, and goes to its verifier."),
            _("Once the period is verified the round's results stay as they are."),
        ],
        primary=False,
    ),
)
register_action(
    SoilReport,
    ObjectAction(
        name="withdraw",
        label=_("Withdraw these results"),
        roles=OPERATOR,
        rule=withdraw_results,
        form=type(
            "WithdrawForm",
            (ActionForm,),
            {
                "reason": forms.CharField(
                    label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2})
                )
            },
        ),
        allowed=lambda report, _user: may_withdraw(report),
        explain=lambda _report: [
            _("The sheet and its layers stay on record and count no more."),
            _("The round is open again, and another sheet can be brought in."),
        ],
    ),
)
register_action(
    SoilPoint,
    ObjectAction(
        name="replace",
        label=_("Cannot be reached"),
        roles=OPERATOR,
        rule=replace_point,
        form=type(
            "UnreachedForm",
            (ActionForm,),
            {"reason": forms.CharField(label=_("Reason"), max_length=200)},
        ),
        allowed=lambda point, _user: (
            point.status == SoilPoint.Status.PLANNED
            and point.campaign.status == Status.DRAWN
            and not point.layers.standing().exists()
        ),
        explain=lambda _point: [
            _("The next point of this stratum in the draw takes its place; nobody chooses one."),
        ],
        done=lambda new: (
            _("Point %(code)s takes its place.") % {"code": new.code} if new else _("Done.")
        ),
    ),
)
