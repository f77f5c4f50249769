from django.db import migrations, models

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("people", "0008_contact_phone")]
    operations = [
        migrations.AlterField(
            model_name="consent",
            name="scope",
            field=models.CharField(
                blank=True,
                choices=[
                    ("family_page", "家属可看：探访过，平安"),
                    ("family_days", "家属可看：哪天、怎样探访的"),
                    ("family_health", "家属可看：探访时的情况"),
                    ("family_needs", "家属可看：发现的需要和办理"),
                    ("family_helper", "家属可看：帮扶人员的姓名"),
                    ("family_services", "家属可看、可代办：上门服务"),
                    ("family_carer", "家属可看：上门护理员的姓氏"),
                    ("family_meals", "家属可看：在助餐点用餐"),
                ],
                default="",
                max_length=16,
                verbose_name="家属可看",
            ),
        ),
        run_sql(__file__, "0009_one_person"),
    ]
