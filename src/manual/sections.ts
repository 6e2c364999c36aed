/** The parts of the manual page that are not options or commands. */

export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly (readonly [term: string, text: string])[];
}

export const DESCRIPTION: Section = {
  heading: 'DESCRIPTION',
  paragraphs: [
    'pping watches TCP traffic that already crosses network interfaces, with --protocol also other traffic, and reports the round-trip times (RTTs) that real connections see. BPF programs in the kernel remember TCP timestamps (RFC 7323), or sequence numbers where a connection has no timestamps, and match them with their acknowledgements. Other protocols are matched by what their answers repeat.',
    'pping injects no probes and never changes or drops a packet. It uses the network itself only if asked: --resolve sends DNS queries, -o <URL> uploads, --metrics listens.',
    "A line with an RTT shows the time of day, the RTT, the minimum RTT of the flow in its last 5 minutes (--min-window), and the two ends. Other lines say that a connection opened or closed, or that data had no answer. The minimum RTT is the path's base delay; the rest of an RTT was spent waiting, in queues or for an application. OUTPUT explains the terms.",
    'One run may watch several interfaces: -i may be repeated, and takes shell patterns and any. Interfaces may appear, disappear and be renamed during the run. A connection that crosses two of them is two flows, each measured at its own interface, which the output names. The difference between their RTTs is the delay between the interfaces. Without a pattern or any, the run ends when no interface is left.',
    'Data goes to standard output, everything else to standard error. Durations have a unit: ns, us, ms, s, m or h.',
    'Filters are applied in the kernel, before any connection state is created.',
    'When a map fills up, pping samples less often or forgets idle flows sooner, reports it, and returns to the given settings once there is room again. When no RTT arrives for 5 s, pping reports why.',
  ],
};

const OUTPUT: Section = {
  heading: 'OUTPUT',
  paragraphs: ['The terms of lines, tables and the summary:'],
  items: [
    [
      'A > B',
      'in a line with an RTT, A sent data and B answered: the RTT is that of the path from the interface to B and back. In a line that says that a connection opened or closed, A opened it, or was seen first.',
    ],
    [
      'opened, opened (SYN), already open, first seen, FIN from src, RST from dest, idle timeout, ports reused',
      'a connection began, or its SYN alone shows that, or it was open when pping first saw it, or pings were first seen; and what ended it. A > B are src and dest.',
    ],
    ['flow', 'a connection at one interface, VLAN and tunnel, both directions'],
    ['sample', 'a measured RTT'],
    ['peer', 'the host that answered, with all its flows'],
    [
      'beyond, behind',
      'the two sides of an interface, each a path of its own: beyond it are the hosts that packets reach by leaving through it; behind it is where packets come from before they leave, on a router its other interfaces, on an end host the host itself, which is measured only with -l',
    ],
    [
      'min, p50, p90, p99, max',
      'the minimum RTT, percentiles (p50 is the median; 99 % of the RTTs are no longer than p99), and the maximum',
    ],
    [
      'ACKs and handshakes, answers with data',
      'what answered: the kernel of the peer at once, or a packet with data, which may have waited for an application',
    ],
    [
      'queueing',
      'the median of how far RTTs exceed the minimum RTT of their time (--min-window): time spent waiting, mostly in queues',
    ],
    [
      'overdue',
      'data that has waited for --timestamp-timeout without an answer. Its RTT is at least that long, and percentiles in the summary include it.',
    ],
    [
      'retrans',
      'the percentage of TCP bytes that were retransmitted, both directions together; "-" where there were too few bytes to judge',
    ],
  ],
};

export const AFTER_OPTIONS: readonly Section[] = [
  OUTPUT,
  {
    heading: 'EXIT STATUS',
    paragraphs: [],
    items: [
      [
        '0',
        'the run ended as asked: by Ctrl-C, -c or -s, at the end of the capture, or because the reader of a pipe has left',
      ],
      [
        '1',
        'failure; one line on standard error gives the reason. Also if pping doctor finds that live capture would not run',
      ],
      [
        '2',
        'bad usage or input: the command line, or a file that it names, cannot be used; one line on standard error gives the reason',
      ],
      ['10', 'a condition given with --until was met'],
      [
        '129, 130, 143',
        'SIGHUP, SIGINT or SIGTERM ended the run at once, without a summary: the second of them, or one in the first moments of the start',
      ],
    ],
  },
  {
    heading: 'SIGNALS',
    paragraphs: [],
    items: [
      ['SIGINT, SIGTERM', 'end the run with its summary; a second signal ends it at once'],
      [
        'SIGHUP',
        'with -o, reopen the output file, for logrotate; if that fails, keep the open file. Without -o, end the run',
      ],
      ['SIGUSR1', 'print the settings in force, how full the maps are, and the summary so far'],
    ],
  },
  {
    heading: 'ENVIRONMENT',
    paragraphs: [],
    items: [
      ['NO_COLOR', 'if set and not empty, print no colours'],
      ['TERM', 'if dumb, print no colours, and refuse --live'],
      ['PPING_DEBUG', 'if set and not empty, print a stack trace after an error message'],
    ],
  },
  {
    heading: 'FILES',
    paragraphs: [],
    items: [
      [
        '/etc/default/pping',
        'settings of the systemd units pping.service (all interfaces in one process) and pping@.service (one interface each, as in pping@eth0): PPING_OPTIONS and PPING_OUTPUT; for pping.service also PPING_INTERFACES',
      ],
      ['/etc/default/pping-NAME', 'settings of the instance pping@NAME, which take precedence'],
      ['/var/log/pping/*.ndjson', 'the output of the units, unless PPING_OUTPUT is set'],
      ['/var/lib/pping', 'a directory in which the units may keep a --spool'],
      ['/etc/logrotate.d/pping', 'rotation of that output; in the Debian package'],
      [
        '/usr/share/doc/pping',
        'recipes and all other documentation, and examples; in the packages',
      ],
      ['/etc/services', 'names of ports, for --port and filters'],
    ],
  },
  {
    heading: 'NOTES',
    paragraphs: [
      'Watching an interface needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; pping doctor shows what is missing. When started as root, pping keeps only the capabilities that the run needs once everything is open; with --user it also switches to that user. pping measures TCP, and with --protocol the protocols named there; the summary shows how much of the traffic that is.',
    ],
  },
  {
    heading: 'SEE ALSO',
    paragraphs: ['ss(8), tc(8), tcpdump(8), jq(1)'],
  },
];
