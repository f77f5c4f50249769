import django.db.models.deletion
from django.db import migrations, models

from songhe.core.rls import protect_by_person


class Migration(migrations.Migration):
    dependencies = [("people", "0009_family_services")]
    operations = [
        migrations.CreateModel(
            name="CodeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("reason", models.CharField(max_length=60, verbose_name="原因")),
                ("by", models.IntegerField(default=0, verbose_name="经办账号")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="code_changes", to="people.person"
                    ),
                ),
            ],
            options={"verbose_name": "服务码更换", "ordering": ["-pk"]},
        ),
        protect_by_person("people_codechange"),
    ]
