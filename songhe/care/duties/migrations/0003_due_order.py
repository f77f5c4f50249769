from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("duties", "0002_access")]

    operations = [
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(fields=["name", "period_start", "tier_rank", "village", "id"], name="duty_due"),
        ),
    ]
