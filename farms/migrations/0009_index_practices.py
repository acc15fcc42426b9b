from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("farms", "0008_count_crowded_fields"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="practicerecord",
            index=models.Index(
                fields=["cooperative", "practice", "field"], name="practice_record_by_kind"
            ),
        ),
    ]
