/** Names that are taken: what a run tells has them, or may have them, so that whoever adds a field takes another. */

/** Of fields of NDJSON and columns of CSV, as docs/ndjson.md and docs/csv.md have them. */
const FIELDS = `
  ambiguous answer attribution_gaps behind beyond buckets by bytes capture cause cgroup change comm container
  container_name counters dest_ip dest_port dns dropped_lines entries final flow_entries flow_event
  flow_id flow_timeout flows former_min_rtt formerr handshake hook inner_tunnel inner_tunnel_id
  inner_vlan interface interface_bytes interface_packets interfaces interval interval_min_rtt
  keep_alive listener_comm listener_pid lost_flow_events lost_rtts map match_on_egress max_entries max_flows max_timestamps
  min_rtt namespace netns noerror notimp nxdomain orig_dest_ip orig_dest_port orig_src_ip orig_src_port other_rcodes others overdue owner path
  path_answers path_reported path_rtt_max path_rtt_min path_rtt_p50 path_rtt_p90 path_rtt_p95
  path_rtt_p99 peers pid places pod pod_name prefix programs protocol protocols queries query_id query_name query_type quic rate rcode reason rec_bytes
  rec_duplicate_acks rec_packets rec_reordered_packets rec_retransmitted_bytes
  rec_retransmitted_packets rec_zero_windows refused reported resolver_count response_time response_time_max
  response_time_min response_time_p50 response_time_p90 response_time_p95 response_time_p99 response_time_sum
  responses retransmitted_bytes rtt rtt_max rtt_min
  rtt_p50 rtt_p90 rtt_p95 rtt_p99 rtt_rate rtt_sum rttvar samples seconds seen_packets self_cost
  sent_bytes sent_duplicate_acks sent_packets sent_reordered_packets sent_retransmitted_bytes
  sent_retransmitted_packets sent_zero_windows servfail side since spin src_ip src_port srtt step timestamp
  timestamp_entries to triggered_by truncated truncated_responses tunnel tunnel_id type uid unanswered undecodable unit
  unknown unmeasured unmeasured_dest unmeasured_src unread vlan waited waiting xdp
`;
/** Of labels of metrics besides. */
const LABELS = 'event fate kind le node outcome quantile version';

const OWN: ReadonlySet<string> = new Set(`${FIELDS} ${LABELS}`.trim().split(/\s+/));

export function isOwnName(name: string): boolean {
  return OWN.has(name);
}
