"""A one-time code belongs to a phone, not to one household: remade, since codes live ten minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("aggregator", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="onetimecode", name="cooperative"),
        migrations.RemoveField(model_name="onetimecode", name="household"),
        migrations.AddField(
            model_name="onetimecode",
            name="phone_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="onetimecode",
            name="address_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="onetimecode", name="sent_at", field=models.DateTimeField()
        ),
        migrations.AddIndex(
            model_name="onetimecode",
            index=models.Index(fields=["sent_at"], name="one_time_code_sent_at"),
        ),
    ]
