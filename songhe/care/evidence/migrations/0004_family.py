from django.db import migrations, models

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_merchants"), ("services", "0005_family")]
    operations = [
        run_sql(__file__, "0004_family"),
        migrations.AlterField(
            model_name="proof",
            name="kind",
            field=models.CharField(
                choices=[
                    ("photo", "照片"), ("signature", "签字"), ("code", "本人服务码"), ("code_no", "服务码不符，未核实"),
                ],
                max_length=9,
                verbose_name="凭据",
            ),
        ),
    ]  # fmt: skip
