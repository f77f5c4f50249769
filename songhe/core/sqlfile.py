"""Migration operations from .sql files that stand beside an app (`<app>/sql/NNNN_name.sql`), never edited once released."""

from pathlib import Path

from django.db import migrations


def run_sql(migration_file: str, name: str) -> migrations.RunSQL:
    """The RunSQL operation for `<app>/sql/<name>.sql`, given the migration's own `__file__`."""
    path = Path(migration_file).resolve().parent.parent / "sql" / f"{name}.sql"
    return migrations.RunSQL(path.read_text(encoding="utf-8"), migrations.RunSQL.noop, elidable=False)
