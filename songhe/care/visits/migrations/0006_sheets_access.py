from django.db import migrations

from songhe.core.rls import protect

BY_SHEET = """
ALTER TABLE visits_sheetrow ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits_sheetrow FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON visits_sheetrow TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY by_sheet ON visits_sheetrow
USING (EXISTS (SELECT 1 FROM visits_sheet s WHERE s.id = sheet_id))
WITH CHECK (EXISTS (SELECT 1 FROM visits_sheet s WHERE s.id = sheet_id));
"""
GONE = """
DROP POLICY owner_all ON visits_sheetrow; DROP POLICY by_sheet ON visits_sheetrow;
ALTER TABLE visits_sheetrow NO FORCE ROW LEVEL SECURITY; ALTER TABLE visits_sheetrow DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_sheets")]
    operations = [protect("visits_sheet"), protect("visits_sheetscan"), migrations.RunSQL(BY_SHEET, GONE)]
