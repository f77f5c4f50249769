from django.db import migrations

from songhe.core.rls import protect_by_person
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("people", "0006_family")]
    operations = [protect_by_person("people_familylink"), run_sql(__file__, "0007_family")]
