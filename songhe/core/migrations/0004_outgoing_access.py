from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("core", "0003_outgoing")]
    operations = [run_sql(__file__, "0003_outgoing")]
