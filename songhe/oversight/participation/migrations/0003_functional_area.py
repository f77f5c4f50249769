from django.db import migrations

from songhe.core.rls import at_functional_area


class Migration(migrations.Migration):
    dependencies = [("participation", "0002_access"), ("places", "0001_initial")]
    operations = [
        at_functional_area(table)
        for table in ("participation_body", "participation_meeting", "participation_datarequest")
    ]
