-- Tables for pping's NDJSON. Loaded once:
--   clickhouse-client --multiquery <schema.sql
-- Tried with ClickHouse 18.16, which Debian 12 has, so it uses nothing newer, and with 26.7.

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
    protocol String,
    rtt UInt64,
    min_rtt UInt64,
    match_on_egress Nullable(UInt8),
    answer String,
    query_id UInt16,
    response_time UInt64,
    waited UInt64,
    rcode String,
    truncated UInt8,
    query_name String,
    query_type String,
    capture String,
    netns String,
    interval UInt64,
    side String,
    prefix String,
    owner String,
    cgroup String,
    unit String,
    container String,
    container_name String,
    pod String,
    pod_name String,
    namespace String,
    uid Nullable(UInt32),
    others UInt8,
    samples UInt64,
    reported UInt64,
    overdue UInt64,
    sent_packets UInt64,
    sent_bytes UInt64,
    rec_packets UInt64,
    rec_bytes UInt64,
    sent_retransmitted_packets UInt64,
    sent_retransmitted_bytes UInt64,
    rec_retransmitted_packets UInt64,
    rec_retransmitted_bytes UInt64,
    rtt_sum UInt64,
    rtt_min UInt64,
    rtt_max UInt64,
    responses UInt64,
    unanswered UInt64,
    ambiguous UInt64,
    noerror UInt64,
    formerr UInt64,
    servfail UInt64,
    nxdomain UInt64,
    notimp UInt64,
    refused UInt64,
    other_rcodes UInt64,
    truncated_responses UInt64,
    response_time_sum UInt64,
    response_time_min UInt64,
    response_time_max UInt64,
    buckets Array(Array(UInt64))
)
ENGINE = Null;

-- One row for each RTT. A batch that was sent twice leaves copies, which merges remove; until then FINAL does.
-- prefix: of the host that answered, /24 or /48; no function is shown an address that it does not know, since newer
-- versions refuse these. Times of RTTs are in nanoseconds.
CREATE TABLE IF NOT EXISTS pping.rtts
(
    time DateTime,
    host String,
    timestamp UInt64,
    netns String,
    interface String,
    prefix String,
    flow_id UInt64,
    src_ip String,
    src_port UInt16,
    dest_ip String,
    dest_port UInt16,
    protocol String,
    rtt UInt64,
    min_rtt UInt64,
    side String,
    answer String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (prefix, interface, netns, timestamp, flow_id, side, host);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_rtts TO pping.rtts AS
SELECT
    toDateTime(intDiv(timestamp, 1000000000)) AS time,
    host,
    timestamp,
    netns,
    interface,
    if(position(src_ip, ':') = 0,
        replaceRegexpOne(src_ip, '[0-9]+$', '0/24'),
        concat(cutIPv6(IPv6StringToNum(if(position(src_ip, ':') = 0, '::', src_ip)), 10, 0), '/48')) AS prefix,
    flow_id,
    src_ip,
    src_port,
    dest_ip,
    dest_port,
    protocol,
    rtt,
    min_rtt,
    transform(ifNull(match_on_egress, 2), [0, 1], ['beyond', 'behind'], 'unknown') AS side,
    answer
FROM pping.lines
WHERE type = 'rtt';

-- States of quantiles for each minute, host (--label host=...), prefix, network namespace, interface, side, protocol and
-- kind of answer: small, and any of them can be merged. RTTs of two protocols tell two things: name one, or group by it.
-- side: 'beyond' the interface, 'behind' it, or 'unknown' where a capture does not say. answer != 'data' leaves out answers
-- that may have waited for an application; of QUIC, whose spin bit has no others, it leaves handshakes alone. Copies of a
-- batch count twice here.
CREATE TABLE IF NOT EXISTS pping.minutes
(
    minute DateTime,
    host String,
    prefix String,
    netns String,
    interface String,
    side String,
    protocol String,
    answer String,
    samples AggregateFunction(count, UInt64),
    least AggregateFunction(min, UInt64),
    quantiles AggregateFunction(quantilesTDigest(0.5, 0.9, 0.99), UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (prefix, interface, netns, side, protocol, answer, minute, host);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_minutes TO pping.minutes AS
SELECT
    toStartOfMinute(toDateTime(intDiv(timestamp, 1000000000))) AS minute,
    host,
    if(position(src_ip, ':') = 0,
        replaceRegexpOne(src_ip, '[0-9]+$', '0/24'),
        concat(cutIPv6(IPv6StringToNum(if(position(src_ip, ':') = 0, '::', src_ip)), 10, 0), '/48')) AS prefix,
    netns,
    interface,
    transform(ifNull(match_on_egress, 2), [0, 1], ['beyond', 'behind'], 'unknown') AS side,
    protocol,
    answer,
    countState(rtt) AS samples,
    minState(rtt) AS least,
    quantilesTDigestState(0.5, 0.9, 0.99)(rtt) AS quantiles
FROM pping.lines
WHERE type = 'rtt'
GROUP BY minute, host, prefix, netns, interface, side, protocol, answer;

-- With --aggregate, one row for each aggregate: the RTTs of an interval, which ended at that time, as a histogram.
-- Only TCP shows what is sent again: of other protocols the columns of it are 0, and say nothing.
-- Where all is TCP, lines name no protocol; rows do. Its length is in ns; interval is a word of SQL, which older versions do not read again as a column when they start.
-- bucket_counts[i] RTTs were at least bucket_starts[i] ns; answers with data are among them. Copies of a batch vanish as
-- those of rtts do. The order has the user, and ends with counts: cgroups whose names were not to be had are no copies.
CREATE TABLE IF NOT EXISTS pping.aggregates
(
    time DateTime,
    host String,
    timestamp UInt64,
    length UInt64,
    capture String,
    netns String,
    interface String,
    side String,
    protocol String,
    prefix String,
    owner String,
    cgroup String,
    unit String,
    container String,
    container_name String,
    pod String,
    pod_name String,
    namespace String,
    uid Nullable(UInt32),
    others UInt8,
    samples UInt64,
    reported UInt64,
    overdue UInt64,
    sent_packets UInt64,
    sent_bytes UInt64,
    rec_packets UInt64,
    rec_bytes UInt64,
    sent_retransmitted_packets UInt64,
    sent_retransmitted_bytes UInt64,
    rec_retransmitted_packets UInt64,
    rec_retransmitted_bytes UInt64,
    rtt_sum UInt64,
    rtt_min UInt64,
    rtt_max UInt64,
    bucket_starts Array(UInt64),
    bucket_counts Array(UInt64)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (side, protocol, prefix, cgroup, interface, netns, capture, host, others, timestamp,
          owner, ifNull(uid, 4294967295), samples, rtt_sum, sent_packets, rec_packets);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_aggregates TO pping.aggregates AS
SELECT
    toDateTime(intDiv(timestamp, 1000000000)) AS time,
    host,
    timestamp,
    lines.interval AS length,
    capture,
    netns,
    interface,
    side,
    if(lines.protocol = '', 'TCP', lines.protocol) AS protocol,
    prefix,
    owner,
    cgroup,
    unit,
    container,
    container_name,
    pod,
    pod_name,
    namespace,
    uid,
    others,
    samples,
    reported,
    overdue,
    sent_packets,
    sent_bytes,
    rec_packets,
    rec_bytes,
    sent_retransmitted_packets,
    sent_retransmitted_bytes,
    rec_retransmitted_packets,
    rec_retransmitted_bytes,
    rtt_sum,
    rtt_min,
    rtt_max,
    arrayMap(bucket -> bucket[1], buckets) AS bucket_starts,
    arrayMap(bucket -> bucket[2], buckets) AS bucket_counts
FROM pping.lines
WHERE type = 'aggregate';

-- With --protocol dns, one row for each query that was answered, and for each that was not: then rcode is '' and waited says
-- for how long. src_ip is the resolver, dest_ip who has asked. These are times of resolvers, in nanoseconds, and no RTTs.
-- Copies of a batch vanish as those of rtts do.
CREATE TABLE IF NOT EXISTS pping.dns
(
    time DateTime,
    host String,
    timestamp UInt64,
    capture String,
    netns String,
    interface String,
    prefix String,
    src_ip String,
    src_port UInt16,
    dest_ip String,
    dest_port UInt16,
    query_id UInt16,
    response_time UInt64,
    waited UInt64,
    rcode String,
    truncated UInt8,
    side String,
    query_name String,
    query_type String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (src_ip, interface, netns, capture, timestamp, dest_ip, dest_port, query_id, side, host);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_dns TO pping.dns AS
SELECT
    toDateTime(intDiv(timestamp, 1000000000)) AS time,
    host,
    timestamp,
    capture,
    netns,
    interface,
    if(position(src_ip, ':') = 0,
        replaceRegexpOne(src_ip, '[0-9]+$', '0/24'),
        concat(cutIPv6(IPv6StringToNum(if(position(src_ip, ':') = 0, '::', src_ip)), 10, 0), '/48')) AS prefix,
    src_ip,
    src_port,
    dest_ip,
    dest_port,
    query_id,
    response_time,
    waited,
    rcode,
    truncated,
    transform(ifNull(match_on_egress, 2), [0, 1], ['beyond', 'behind'], 'unknown') AS side,
    query_name,
    query_type
FROM pping.lines
WHERE type = 'dns';

-- The same with --aggregate: one row for the queries of an interval, as aggregates has them for RTTs. bucket_counts[i]
-- responses took at least bucket_starts[i] ns. unanswered and ambiguous (answered, but sent again) are in no bucket.
CREATE TABLE IF NOT EXISTS pping.dns_aggregates
(
    time DateTime,
    host String,
    timestamp UInt64,
    length UInt64,
    capture String,
    netns String,
    interface String,
    side String,
    prefix String,
    owner String,
    cgroup String,
    unit String,
    container String,
    container_name String,
    pod String,
    pod_name String,
    namespace String,
    uid Nullable(UInt32),
    others UInt8,
    responses UInt64,
    unanswered UInt64,
    ambiguous UInt64,
    noerror UInt64,
    formerr UInt64,
    servfail UInt64,
    nxdomain UInt64,
    notimp UInt64,
    refused UInt64,
    other_rcodes UInt64,
    truncated_responses UInt64,
    response_time_sum UInt64,
    response_time_min UInt64,
    response_time_max UInt64,
    bucket_starts Array(UInt64),
    bucket_counts Array(UInt64)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (side, prefix, cgroup, interface, netns, capture, host, others, timestamp,
          owner, ifNull(uid, 4294967295), responses, unanswered, ambiguous, response_time_sum);

CREATE MATERIALIZED VIEW IF NOT EXISTS pping.lines_to_dns_aggregates TO pping.dns_aggregates AS
SELECT
    toDateTime(intDiv(timestamp, 1000000000)) AS time,
    host,
    timestamp,
    lines.interval AS length,
    capture,
    netns,
    interface,
    side,
    prefix,
    owner,
    cgroup,
    unit,
    container,
    container_name,
    pod,
    pod_name,
    namespace,
    uid,
    others,
    responses,
    unanswered,
    ambiguous,
    noerror,
    formerr,
    servfail,
    nxdomain,
    notimp,
    refused,
    other_rcodes,
    truncated_responses,
    response_time_sum,
    response_time_min,
    response_time_max,
    arrayMap(bucket -> bucket[1], buckets) AS bucket_starts,
    arrayMap(bucket -> bucket[2], buckets) AS bucket_counts
FROM pping.lines
WHERE type = 'dns_aggregate';
