"""Let an entry declare its postings, and keep the file made of a payment batch."""

import django.db.models.deletion
from django.db import migrations, models

import aggregator.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0002_give_codes_to_phones"),
        ("payouts", "0002_statement_village"),
    ]

    operations = [
        migrations.AddField(
            model_name="journalentry",
            name="posting_count",
            field=models.PositiveIntegerField(default=0, verbose_name="postings"),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="BankFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="file")),
                ("content_type", models.CharField(max_length=100)),
                ("content", aggregator.encryption.EncryptedTextField()),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_file",
                        to="payouts.paymentbatch",
                        verbose_name="batch",
                    ),
                ),
                (
                    "cooperative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aggregator.cooperative",
                        verbose_name="cooperative",
                    ),
                ),
            ],
            options={
                "verbose_name": "bank file",
                "verbose_name_plural": "bank files",
                "ordering": ["batch"],
            },
        ),
    ]
