from django.db import migrations

from songhe.core.rls import at_functional_area, protect


class Migration(migrations.Migration):
    dependencies = [("facilities", "0004_import_sheets")]
    operations = [protect("facilities_importsheet"), at_functional_area("facilities_importsheet")]
