"""One cooperative taken along the whole line, through the rules: from fields to paid households."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils import timezone
from pyproj import CRS

from aggregator.models import (
    AgreementTemplate,
    AuditEvent,
    DuplicatePair,
    ImportRun,
    OutboxMessage,
    Upload,
    UploadRow,
)
from credits.models import (
    ClawbackProposal,
    CorrectiveAction,
    CorrectiveFile,
    CorrectiveMessage,
    FindingPhoto,
    Issuance,
    Lot,
    MonitoringPeriod,
    Project,
    SampledField,
    SoilLayer,
    SoilReport,
)
from credits.soil.sampling import RoundPlan, draw_points, plan_round
from credits.tonnes.removals import propose_retirement
from credits.tonnes.reversals import Loss, propose_reversal
from credits.tonnes.sale import sell_lot
from farms.models import Evidence, Observation, Overlap, OverlapScan, PracticeRecord
from payouts.models import (
    PaymentBatch,
    Receipt,
    Settlement,
    Statement,
    StatementPdf,
    VillageDocument,
    WaterfallRule,
)
from payouts.models.statement import RenderStatus
from payouts.payments import approve_batch, confirm_batch, export_batch, propose_batch
from payouts.receipts import record_receipt
from payouts.settlement import approve_settlement, draft_settlement, request_settlement
from payouts.statements import issue_statements
from tests.cast import START, Cast, make_season
from tests.credits.line import issued_year, make_buyer, make_enrolled_pool, sellable_block


@dataclass
class WholeLine:
    """Where to find the rows of a line that went all the way."""

    project: Project
    period: MonitoringPeriod
    issuance: Issuance
    lot: Lot
    receipt: Receipt
    settlement: Settlement
    batch: PaymentBatch
    statement: Statement


def add_rules(project: Project) -> None:
    owned = {"cooperative": project.cooperative, "project": project}
    WaterfallRule.objects.create(
        **owned,
        position=1,
        code="registry",
        name="登记费",
        name_en="Registry fee",
        payee="交易所",
        payee_en="the exchange",
        kind=WaterfallRule.Kind.PER_TONNE,
        amount_minor=150,
    )
    WaterfallRule.objects.create(
        **owned,
        position=2,
        code="service",
        name="合作社服务费",
        name_en="Cooperative's fee",
        payee="合作社",
        payee_en="the cooperative",
        kind=WaterfallRule.Kind.RATE_OF_GROSS,
        rate=Decimal("0.08"),
    )


def sold_year(cast: Cast, project: Project, year: int, *, price_minor: int = 10_000) -> Lot:
    """A year with records, evidence and a verified sample, issued and all sold."""
    season = make_season(cast, year)
    for record in PracticeRecord.objects.filter(season=season, field=cast.fields[0]):
        Observation.objects.create(
            cooperative=record.cooperative, field=record.field, seen_on=START, seen="cultivated"
        )
        Evidence.objects.create(
            cooperative=cast.cooperative,
            record=record,
            file_name="photo.jpg",
            file=ContentFile(b"a photo", name="photo.jpg"),
            sha256="c" * 64,
        )
    issuance = issued_year(project, year, cast)
    return sell_lot(
        sellable_block(issuance),
        tonnes=issuance.sellable_t,
        buyer=make_buyer(cast, f"Harbour {year}"),
        unit_price_minor=price_minor,
        sold_on=date(year + 1, 4, 1),
        by=cast.operator,
    )


def settled(cast: Cast, lot: Lot) -> tuple[Receipt, Settlement]:
    """The lot's money received and settled, with statements and documents rendered."""
    receipt = record_receipt(
        lot,
        amount_minor=lot.amount_minor,
        received_on=date(2026, 5, 1),
        reference=f"BANK-{lot.pk}",
        by=cast.operator,
    )
    settlement = request_settlement(lot.block.issuance.period, by=cast.operator)
    draft_settlement(settlement)
    approve_settlement(settlement, by=cast.approver)
    return receipt, settlement


def paid(cast: Cast) -> PaymentBatch:
    batch = propose_batch(cast.cooperative, by=cast.operator)
    approve_batch(batch, by=cast.approver)
    export_batch(batch, by=cast.operator)
    confirm_batch(batch, paid_on=date(2026, 6, 10), by=cast.operator)
    return batch


def add_desk_rows(cast: Cast) -> None:
    """What the desk has beside the line: a wording to sign, and land compared with all others'."""
    owned = {"cooperative": cast.cooperative}
    AgreementTemplate.objects.create(
        **owned,
        program="ccx",
        version=1,
        title="委托协议",
        title_en="Agreement",
        body="委托",
        body_en="Consent",
    )
    OverlapScan.objects.create(**owned, asked_by=cast.operator)
    Overlap.objects.create(
        **owned,
        field=cast.fields[0],
        share=Decimal("0.1"),
        area_m2=Decimal(1000),
        found_at=timezone.now(),
    )


def add_verifier_rows(cast: Cast) -> None:
    """What the verifier left on the way to his opinion: a picture, a request with a file."""
    owned = {"cooperative": cast.cooperative}
    sampled = SampledField.objects.for_cooperative(cast.cooperative).latest("pk")
    picture = ContentFile(b"a picture", name="picture.jpg")
    FindingPhoto.objects.create(
        **owned,
        sampled_field=sampled,
        file_name="picture.jpg",
        file=picture,
        view=picture,
        sha256="f" * 64,
        added_by=cast.verifier,
    )
    action = CorrectiveAction.objects.create(
        **owned,
        verification=sampled.verification,
        number=1,
        title="straw was burnt",
        status=CorrectiveAction.Status.CLOSED,
    )
    message = CorrectiveMessage.objects.create(
        **owned, action=action, kind=CorrectiveMessage.Kind.RAISED, text="why", by=cast.verifier
    )
    CorrectiveFile.objects.create(
        **owned, message=message, file_name="picture.jpg", file=picture, sha256="f" * 64
    )


def add_removals(cast: Cast, lot: Lot) -> None:
    """What was retired and lost of the credits: proposals, so that no balance changes."""
    propose_retirement(
        lot.block, tonnes=1, beneficiary="a buyer", purpose="its year", by=cast.operator
    )
    reversal = propose_reversal(
        lot.block.project,
        loss=Loss(
            kind="avoidable",
            happened_on=date(2026, 5, 1),
            reason="ploughed",
            field_codes=[lot.block.issuance.run.results.latest("pk").field.code],
        ),
        by=cast.operator,
    )
    ClawbackProposal.objects.create(
        cooperative=cast.cooperative,
        reversal=reversal,
        run=lot.block.issuance.run,
        household=cast.households[0],
        void_kg=100,
        credited_kg=800,
    )


def add_soil_rows(cast: Cast, project: Project) -> None:
    """A round of soil sampling with one layer measured."""
    plan = RoundPlan(stratify_by="whole", total_points=2, depths_cm=(30,))
    campaign = plan_round(project, plan=plan, by=cast.operator)
    point = draw_points(campaign, seed="2 5 8 10 12", by=cast.operator)[0]
    report = SoilReport.objects.create(
        cooperative=cast.cooperative,
        campaign=campaign,
        number=1,
        laboratory="lab",
        file_name="lab.xlsx",
        file="soil/sunrise/lab.xlsx.sealed",
        sha256="a" * 64,
        taken_by=cast.operator,
    )
    SoilLayer.objects.create(
        cooperative=cast.cooperative,
        report=report,
        point=point,
        top_cm=0,
        bottom_cm=30,
        carbon_g_per_kg=12,
        bulk_density_g_per_cm3=Decimal("1.3"),
        laboratory="lab",
        sampled_on=date(2026, 5, 1),
        file_sha256="a" * 64,
    )


def make_whole_line(cast: Cast, *, year: int = 2025) -> WholeLine:
    owned = {"cooperative": cast.cooperative}
    project = make_enrolled_pool(cast)
    add_rules(project)
    lot = sold_year(cast, project, year)
    receipt, settlement = settled(cast, lot)
    add_removals(cast, lot)
    issue_statements(settlement)
    rendered = {"status": RenderStatus.READY, "content": b"%PDF-1.7"}
    StatementPdf.objects.filter(statement__settlement=settlement).update(**rendered)
    VillageDocument.objects.filter(settlement=settlement).update(**rendered)
    batch = paid(cast)
    ImportRun.objects.create(
        **owned,
        kind="households",
        file_name=f"{cast.cooperative.code}-members.xlsx",
        sha256="d" * 64,
        status=ImportRun.Status.IMPORTED,
        counts={"created": len(cast.households)},
        by=cast.operator,
    )
    upload = Upload.objects.create(
        **owned,
        kind="fields",
        file_name=f"{cast.cooperative.code}-fields.geojson",
        sha256="e" * 64,
        status=Upload.Status.CHECKED,
        headings=["field_code"],
        columns={"field_code": "field_code"},
        details={"crs": CRS.from_epsg(4326).to_json()},
        by=cast.operator,
    )
    UploadRow.objects.create(
        **owned,
        upload=upload,
        number=1,
        cells=json.dumps({"texts": {"field_code": cast.fields[0].code}}),
    )
    OutboxMessage.objects.create(
        **owned, household=cast.households[0], phone=cast.households[0].phone, text="123456"
    )
    if len(cast.households) > 1:
        first, second = cast.households[:2]
        DuplicatePair.objects.create(**owned, first=first, second=second)
    add_desk_rows(cast)
    add_verifier_rows(cast)
    add_soil_rows(cast, project)
    assert AuditEvent.objects.for_cooperative(cast.cooperative).exists()
    return WholeLine(
        project=project,
        period=lot.block.issuance.period,
        issuance=lot.block.issuance,
        lot=lot,
        receipt=receipt,
        settlement=settlement,
        batch=batch,
        statement=Statement.objects.filter(settlement=settlement).order_by("number")[0],
    )
