-- Tables for pping's NDJSON. Loaded once:
--   clickhouse-client --multiquery <schema.sql
-- Tried with ClickHouse 18.16, which Debian 12 has, so it uses nothing newer.

CREATE DATABASE IF NOT EXISTS pping;

-- What pping sends to: INSERT INTO pping.lines FORMAT JSONEachRow. It keeps nothing; the views below take what they want.
CREATE TABLE IF NOT EXISTS pping.lines
(
    type String,
    host String,
    timestamp UInt64,
    interface String,
    flow_id UInt64,
    src_ip String,
    src_port UInt16,
    dest_ip String,
    dest_port UInt16,
    rtt UInt64,
    min_rtt UInt64,
    match_on_egress UInt8,
    answer String
)
ENGINE = Null;

-- One row for each RTT. A batch that was sent twice leaves copies, which merges remove; until then FINAL does.
-- prefix: of the host that answered, /24 or /48. Times of RTTs are in nanoseconds.
CREATE TABLE IF NOT EXISTS pping.rtts
(
    time DateTime,
    host String,
    timestamp UInt64,
    interface String,
    prefix String,
    flow_id UInt64,
    src_ip String,
    src_port UInt16,
    dest_ip String,
    dest_port UInt16,
    rtt UInt64,
    min_rtt UInt64,
    match_on_egress UInt8,
    answer String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (prefix, interface, timestamp, flow_id, match_on_egress, host);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_rtts TO pping.rtts AS
SELECT
    toDateTime(intDiv(timestamp, 1000000000)) AS time,
    host,
    timestamp,
    interface,
    if(position(src_ip, ':') = 0,
        concat(IPv4NumToString(toUInt32(bitAnd(IPv4StringToNum(src_ip), 4294967040))), '/24'),
        concat(cutIPv6(IPv6StringToNum(src_ip), 10, 0), '/48')) AS prefix,
    flow_id,
    src_ip,
    src_port,
    dest_ip,
    dest_port,
    rtt,
    min_rtt,
    match_on_egress,
    answer
FROM pping.lines
WHERE type = 'rtt';

-- States of quantiles for each minute, prefix and side: small, and any minutes can be merged. match_on_egress = 0: the
-- host is beyond the interface. Copies of a batch count twice here.
CREATE TABLE IF NOT EXISTS pping.minutes
(
    minute DateTime,
    prefix String,
    match_on_egress UInt8,
    samples AggregateFunction(count, UInt64),
    least AggregateFunction(min, UInt64),
    quantiles AggregateFunction(quantilesTDigest(0.5, 0.9, 0.99), UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (prefix, match_on_egress, minute);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_minutes TO pping.minutes AS
SELECT
    toStartOfMinute(toDateTime(intDiv(timestamp, 1000000000))) AS minute,
    if(position(src_ip, ':') = 0,
        concat(IPv4NumToString(toUInt32(bitAnd(IPv4StringToNum(src_ip), 4294967040))), '/24'),
        concat(cutIPv6(IPv6StringToNum(src_ip), 10, 0), '/48')) AS prefix,
    match_on_egress,
    countState(rtt) AS samples,
    minState(rtt) AS least,
    quantilesTDigestState(0.5, 0.9, 0.99)(rtt) AS quantiles
FROM pping.lines
WHERE type = 'rtt'
GROUP BY minute, prefix, match_on_egress;
