from django.db import migrations

from songhe.core.rls import protect
from songhe.core.sqlfile import run_sql

BY_FACILITY = (
    "statuschange", "bedlot", "measure", "provision", "staff", "schedule", "synccheck", "activity", "operation", "premises",
    "inspection", "photo",
)  # fmt: skip
OF_ONE = ("licence", "appraisal")  # papers of organisations are open to every reader, those of a facility as the facility is
BY_INSPECTION = ("line", "rectification")


def _as_visible_as(table: str, parent: str, column: str, besides: str = "") -> migrations.RunSQL:
    """A row is as visible as the row it belongs to."""
    rule = f"EXISTS (SELECT 1 FROM {parent} f WHERE f.id = {column}){besides}"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);
        CREATE POLICY by_parent ON {table} USING ({rule}) WITH CHECK ({rule});
        """,
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("facilities", "0001_initial")]
    operations = [
        run_sql(__file__, "0001_facilities"),
        protect("facilities_facility"),
        protect("facilities_draw"),
        *(_as_visible_as(f"facilities_{name}", "facilities_facility", "facility_id") for name in BY_FACILITY),
        *(
            _as_visible_as(f"facilities_{name}", "facilities_facility", "facility_id", " OR organisation_id IS NOT NULL")
            for name in OF_ONE
        ),
        *(_as_visible_as(f"facilities_{name}", "facilities_inspection", "inspection_id") for name in BY_INSPECTION),
        _as_visible_as("facilities_repair", "facilities_line", "line_id"),
    ]
