from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("programmes", "0003_adopted")]
    operations = [protect("programmes_adopted")]
