"""Blocks of before: reserves become buffer, and what was sold becomes a transferred block.

A block of which parts were sold is split into them and the rest, with ancestry and events; every
lot then names the block it sold. Totals stay what they were.
"""

from datetime import datetime, time

from django.db import migrations
from django.utils import timezone

KEPT = ("cooperative_id", "issuance_id", "project_id", "kind", "locked_until")


def part_blocks(apps, _schema_editor):
    blocks = apps.get_model("credits", "CreditBlock")
    for block in blocks.objects.select_related("issuance").order_by("pk"):
        _tell(apps, block, "issue", block.issuance.issued_on, to=_first_status(block))
        if block.kind == "reserve":
            block.status = "buffer"
            block.save(update_fields=["status"])
        else:
            _part(apps, block, list(block.lots.order_by("serial_start")))


def _first_status(block):
    return "buffer" if block.kind == "reserve" else "held"


def _part(apps, block, lots):
    if not lots:
        return
    whole = len(lots) == 1 and (lots[0].serial_start, lots[0].serial_end) == (
        block.serial_start,
        block.serial_end,
    )
    if whole:
        block.status = "transferred"
        block.save(update_fields=["status"])
        _tell_sale(apps, block, lots[0])
        return
    block.is_live = False
    block.save(update_fields=["is_live"])
    start = block.serial_start
    for lot in lots:
        if lot.serial_start > start:
            _make_child(apps, block, start, lot.serial_start - 1, "held")
        child = _make_child(apps, block, lot.serial_start, lot.serial_end, "transferred")
        lot.block = child
        lot.save(update_fields=["block"])
        _tell_sale(apps, child, lot)
        start = lot.serial_end + 1
    if start <= block.serial_end:
        _make_child(apps, block, start, block.serial_end, "held")


def _make_child(apps, parent, start, end, status):
    child = apps.get_model("credits", "CreditBlock").objects.create(
        **{name: getattr(parent, name) for name in KEPT},
        serial_start=start,
        serial_end=end,
        status=status,
    )
    apps.get_model("credits", "BlockLink").objects.create(
        cooperative_id=parent.cooperative_id, parent=parent, child=child
    )
    _tell(apps, child, "split", parent.issuance.issued_on, was="held", to="held")
    return child


def _tell_sale(apps, block, lot):
    _tell(apps, block, "sell", lot.sold_on, was="held", to="transferred", of=f"lot:{lot.pk}")


def _tell(apps, block, action, day, **status):
    apps.get_model("credits", "BlockEvent").objects.create(
        cooperative_id=block.cooperative_id,
        block=block,
        action=action,
        from_status=status.get("was", ""),
        to_status=status["to"],
        serial_start=block.serial_start,
        serial_end=block.serial_end,
        reference=status.get("of", ""),
        at=timezone.make_aware(datetime.combine(day, time())),
    )


def join_blocks(apps, _schema_editor):
    """Back to blocks as issued; refused where tonnes were retired, cancelled or released."""
    blocks = apps.get_model("credits", "CreditBlock")
    links = apps.get_model("credits", "BlockLink")
    gone = blocks.objects.filter(status__in=["retired", "cancelled"])
    if gone.exists() or blocks.objects.filter(kind="reserve").exclude(status="buffer").exists():
        raise RuntimeError("Tonnes were retired, cancelled or released: this cannot be undone.")
    apps.get_model("credits", "BlockEvent").objects.all().delete()
    children = set(links.objects.values_list("child", flat=True))
    for lot in apps.get_model("credits", "Lot").objects.select_related("block"):
        lot.block = blocks.objects.exclude(pk__in=children).get(
            project=lot.block.project_id,
            serial_start__lte=lot.serial_start,
            serial_end__gte=lot.serial_end,
        )
        lot.save(update_fields=["block"])
    links.objects.all().delete()
    blocks.objects.filter(pk__in=children).delete()
    blocks.objects.update(is_live=True, status="held")


class Migration(migrations.Migration):
    dependencies = [("credits", "0005_follow_blocks")]

    operations = [migrations.RunPython(part_blocks, join_blocks)]
