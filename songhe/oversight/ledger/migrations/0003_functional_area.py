from django.db import migrations

from songhe.core.rls import at_functional_area


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_access"), ("places", "0001_initial")]
    operations = [at_functional_area(table) for table in ("ledger_item", "ledger_drive", "ledger_sheet")]
