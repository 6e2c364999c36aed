-- Five questions about TCP (for pings, replace it with 'ICMP'), then four about DNS. Times are in ms. All of the five but
-- the last two read the table of minutes, and are cheap.

-- Which prefixes are the slowest, today?
SELECT
    prefix,
    countMerge(samples) AS rtts,
    round(minMerge(least) / 1e6, 3) AS min_ms,
    arrayMap(q -> round(q / 1e6, 3), quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)) AS p50_p90_p99_ms
FROM pping.minutes
WHERE minute >= today() AND side = 'beyond' AND protocol = 'TCP'
GROUP BY prefix
HAVING rtts >= 10
ORDER BY p50_p90_p99_ms[3] DESC
LIMIT 20;

-- When was it slow? Minute by minute, for all hosts beyond the interface.
SELECT
    minute,
    countMerge(samples) AS rtts,
    arrayMap(q -> round(q / 1e6, 3), quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)) AS p50_p90_p99_ms
FROM pping.minutes
WHERE minute >= today() AND side = 'beyond' AND protocol = 'TCP'
GROUP BY minute
ORDER BY minute;

-- Which prefixes wait in queues: how far is the median RTT above the minimum?
SELECT
    prefix,
    round((quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)[1] - minMerge(least)) / 1e6, 3) AS queueing_ms
FROM pping.minutes
WHERE minute >= today() AND side = 'beyond' AND protocol = 'TCP'
GROUP BY prefix
ORDER BY queueing_ms DESC
LIMIT 20;

-- What share of the RTTs to each host is above 100 ms?
SELECT
    src_ip,
    count() AS rtts,
    round(100 * avg(rtt > 100000000), 1) AS percent_above_100_ms
FROM pping.rtts FINAL
WHERE time >= today() AND side = 'beyond' AND protocol = 'TCP'
GROUP BY src_ip
ORDER BY percent_above_100_ms DESC
LIMIT 20;

-- Which connections had the longest RTTs?
SELECT
    time,
    concat(dest_ip, ':', toString(dest_port)) AS sender,
    concat(src_ip, ':', toString(src_port)) AS responder,
    round(rtt / 1e6, 3) AS rtt_ms
FROM pping.rtts FINAL
WHERE time >= today() AND protocol = 'TCP'
ORDER BY rtt DESC
LIMIT 20;

-- DNS: which resolvers are the slowest, today?
SELECT
    src_ip AS resolver,
    count() AS responses,
    arrayMap(q -> round(q / 1e6, 3), quantiles(0.5, 0.9, 0.99)(response_time)) AS p50_p90_p99_ms
FROM pping.dns FINAL
WHERE time >= today() AND side = 'beyond' AND rcode != ''
GROUP BY resolver
HAVING responses >= 10
ORDER BY p50_p90_p99_ms[3] DESC
LIMIT 20;

-- DNS: what share of each resolver's queries fails (SERVFAIL, REFUSED and others) or is unanswered? NXDOMAIN is not a
-- failure.
SELECT
    src_ip AS resolver,
    count() AS queries,
    round(100 * avg(rcode NOT IN ('', 'NOERROR', 'NXDOMAIN')), 1) AS percent_failed,
    round(100 * avg(rcode = 'SERVFAIL'), 1) AS percent_servfail,
    round(100 * avg(rcode = 'REFUSED'), 1) AS percent_refused,
    round(100 * avg(rcode = ''), 1) AS percent_unanswered
FROM pping.dns FINAL
WHERE time >= today() AND side = 'beyond'
GROUP BY resolver
ORDER BY percent_failed + percent_unanswered DESC, queries DESC
LIMIT 20;

-- DNS: since when? Minute by minute, for all resolvers beyond the interface.
SELECT
    toStartOfMinute(time) AS minute,
    count() AS queries,
    sum(rcode NOT IN ('', 'NOERROR', 'NXDOMAIN')) AS failed,
    sum(rcode = '') AS unanswered,
    round(quantileIf(0.9)(response_time, rcode != '') / 1e6, 3) AS p90_ms
FROM pping.dns FINAL
WHERE time >= today() AND side = 'beyond'
GROUP BY minute
ORDER BY minute;

-- DNS with --aggregate: networks of resolvers, the slowest first. The median is the lower bound of its bucket. Shares are
-- of the same queries as above: ambiguous ones have no response time and are not included.
SELECT
    prefix,
    sum(responses) AS answered,
    round(quantileExactWeightedArray(0.5)(bucket_starts, bucket_counts) / 1e6, 3) AS p50_ms,
    round(max(response_time_max) / 1e6, 3) AS longest_ms,
    round(100 * sum(responses - noerror - nxdomain) / greatest(sum(responses + unanswered), 1), 1) AS percent_failed,
    round(100 * sum(unanswered) / greatest(sum(responses + unanswered), 1), 1) AS percent_unanswered
FROM pping.dns_aggregates FINAL
WHERE time >= today() AND side = 'beyond'
GROUP BY prefix
ORDER BY p50_ms DESC
LIMIT 20;
