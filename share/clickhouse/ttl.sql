-- How long rows are kept, with ClickHouse 19.6 and newer. Older ones drop whole days instead:
--   ALTER TABLE pping.rtts DROP PARTITION 20260131
-- No test runs this, since the 18.16 of the tests has no TTL. Tried by hand with 26.7 (chdb of npm), with schema.sql and
-- queries.sql: rows that are older go with the next merge.
ALTER TABLE pping.rtts MODIFY TTL time + INTERVAL 30 DAY;
ALTER TABLE pping.minutes MODIFY TTL minute + INTERVAL 365 DAY;
ALTER TABLE pping.aggregates MODIFY TTL time + INTERVAL 90 DAY;
ALTER TABLE pping.dns MODIFY TTL time + INTERVAL 30 DAY;
ALTER TABLE pping.dns_aggregates MODIFY TTL time + INTERVAL 90 DAY;
