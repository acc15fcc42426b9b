"""A merge is proposed by one person and decided by another; so is a payee account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0007_index_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="duplicatepair",
            name="kept",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aggregator.household",
                verbose_name="record to keep",
            ),
        ),
        migrations.AddField(
            model_name="duplicatepair",
            name="proposed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="proposed at"),
        ),
        migrations.AddField(
            model_name="duplicatepair",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="proposed by",
            ),
        ),
        migrations.AddField(
            model_name="duplicatepair",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="duplicatepair",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "to be looked at"),
                    ("proposed", "merge waits for approval"),
                    ("different", "two households"),
                    ("merged", "merged"),
                ],
                default="open",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatepair",
            constraint=models.CheckConstraint(
                condition=~Q(status="proposed")
                | Q(kept__isnull=False, proposed_at__isnull=False, proposed_by__isnull=False),
                name="duplicate_pair_proposed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatepair",
            constraint=models.CheckConstraint(
                condition=~Q(status="merged")
                | Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="duplicate_pair_maker_is_not_checker",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeaccount",
            constraint=models.CheckConstraint(
                condition=~Q(status="active")
                | Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="payee_maker_is_not_checker",
            ),
        ),
    ]
