-- Five questions about TCP: for pings put 'ICMP' in its place. Times are in ms. All but the last two read the minutes, and
-- are cheap.

-- Which prefixes are the slowest, today?
SELECT
    prefix,
    countMerge(samples) AS rtts,
    round(minMerge(least) / 1e6, 3) AS least_ms,
    arrayMap(q -> round(q / 1e6, 3), quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)) AS p50_p90_p99_ms
FROM pping.minutes
WHERE minute >= today() AND match_on_egress = 0 AND protocol = 'TCP'
GROUP BY prefix
HAVING rtts >= 10
ORDER BY p50_p90_p99_ms[3] DESC
LIMIT 20;

-- When was it slow, minute by minute, of all hosts beyond the interface?
SELECT
    minute,
    countMerge(samples) AS rtts,
    arrayMap(q -> round(q / 1e6, 3), quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)) AS p50_p90_p99_ms
FROM pping.minutes
WHERE minute >= today() AND match_on_egress = 0 AND protocol = 'TCP'
GROUP BY minute
ORDER BY minute;

-- Which prefixes wait in a queue: how far is the usual RTT above the least?
SELECT
    prefix,
    round((quantilesTDigestMerge(0.5, 0.9, 0.99)(quantiles)[1] - minMerge(least)) / 1e6, 3) AS queueing_ms
FROM pping.minutes
WHERE minute >= today() AND match_on_egress = 0 AND protocol = 'TCP'
GROUP BY prefix
ORDER BY queueing_ms DESC
LIMIT 20;

-- Which share of the RTTs to each host is above 100 ms?
SELECT
    src_ip,
    count() AS rtts,
    round(100 * avg(rtt > 100000000), 1) AS percent_above_100_ms
FROM pping.rtts FINAL
WHERE time >= today() AND match_on_egress = 0 AND protocol = 'TCP'
GROUP BY src_ip
ORDER BY percent_above_100_ms DESC
LIMIT 20;

-- Which connections had the longest RTTs?
SELECT
    time,
    concat(dest_ip, ':', toString(dest_port)) AS asked,
    concat(src_ip, ':', toString(src_port)) AS answered,
    round(rtt / 1e6, 3) AS rtt_ms
FROM pping.rtts FINAL
WHERE time >= today() AND protocol = 'TCP'
ORDER BY rtt DESC
LIMIT 20;
