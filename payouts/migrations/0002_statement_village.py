"""Keep the village of a statement as it was when the statement was issued."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0001_initial"),
        ("payouts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="village",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aggregator.village",
                verbose_name="village",
                default=None,
            ),
            preserve_default=False,
        ),
    ]
