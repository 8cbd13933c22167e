"""PostgreSQL and blobs: tables, repositories that return domain values, migrations."""
