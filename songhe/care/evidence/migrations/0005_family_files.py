from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("evidence", "0004_family"), ("services", "0006_family_cancels")]
    operations = [run_sql(__file__, "0005_family_files")]
