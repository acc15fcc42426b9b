from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0011_cover_change_groups"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["cooperative", "action"],
                name="event_action_begins",
                opclasses=("int8_ops", "varchar_pattern_ops"),
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["cooperative", "object_id"],
                name="event_object_begins",
                opclasses=("int8_ops", "varchar_pattern_ops"),
            ),
        ),
    ]
