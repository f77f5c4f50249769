from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("people", "0010_service_code")]
    operations = [run_sql(__file__, "0011_family_files")]
