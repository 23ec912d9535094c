"""The only place of the dashboards that asks the database: ORM in, plain rows (``dashboards.rows``) out."""
