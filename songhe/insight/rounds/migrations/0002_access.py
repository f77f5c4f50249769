from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("rounds", "0001_initial"), ("people", "0002_access")]
    operations = [
        protect("rounds_plan"),
        protect("rounds_planitem"),
        protect("rounds_planleft"),
        protect("rounds_planchange"),
    ]
