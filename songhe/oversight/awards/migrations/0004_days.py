from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0003_functional_area")]
    operations = [
        migrations.AddField("nomination", "on", models.DateField(verbose_name="推荐日期", null=True)),
        migrations.AddField("round", "confirmed_on", models.DateField(verbose_name="确认日期", null=True)),
        migrations.RunSQL(
            """
            UPDATE awards_nomination SET "on" = (at AT TIME ZONE 'Asia/Shanghai')::date;
            UPDATE awards_round SET confirmed_on = publicity_to + 1 WHERE stage = 'confirmed';
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField("nomination", "on", models.DateField(verbose_name="推荐日期")),
    ]
