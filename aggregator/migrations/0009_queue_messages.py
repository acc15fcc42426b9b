"""Messages wait in the outbox until they are sent; those on record have been sent."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q


def mark_as_sent(apps, _schema_editor):
    rows = apps.get_model("aggregator", "OutboxMessage").objects.all()
    rows.update(status="sent", written_at=F("sent_at"))


def mark_as_gone(apps, _schema_editor):
    rows = apps.get_model("aggregator", "OutboxMessage").objects.filter(sent_at=None)
    rows.update(sent_at=F("written_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0008_merge_by_two_persons"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="next_try_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "waits to be sent"),
                    ("sent", "sent"),
                    ("failed", "not sent"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="written_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, verbose_name="written at"
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="sent_at",
            field=models.DateTimeField(null=True, verbose_name="sent at"),
        ),
        migrations.RunPython(mark_as_sent, mark_as_gone),
        migrations.AlterModelOptions(
            name="outboxmessage",
            options={
                "ordering": ["-written_at", "-pk"],
                "verbose_name": "message",
                "verbose_name_plural": "outbox",
            },
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=Q(status="waiting"), fields=["next_try_at"], name="outbox_waiting"
            ),
        ),
    ]
