/** The parts of the manual page that are not options or commands. */

export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly (readonly [term: string, text: string])[];
}

export const DESCRIPTION: Section = {
  heading: 'DESCRIPTION',
  paragraphs: [
    'pping watches the TCP traffic that already crosses network interfaces, and with --protocol other traffic, and reports the round-trip times (RTTs) it really experiences. It sends nothing and changes no packet: BPF programs in the kernel remember TCP timestamps (RFC 7323), or sequence numbers where a connection has no timestamps, and match the answers to them. Of other protocols they remember what an answer repeats.',
    'Each line shows the time of day, the RTT, the least RTT of the flow in its last 5 minutes, who asked, and who answered. The least RTT is the distance; what an RTT exceeds it by was spent waiting, in queues or for an application that answers. RTTs to hosts beyond the interface and RTTs to hosts behind it belong to different paths, and the summary keeps them apart.',
    'Several interfaces may be watched in one run: -i may be given again, and takes shell patterns and any. Interfaces may appear, go and be renamed meanwhile. A connection that crosses two of them is two flows, each measured at its own interface, which the output names. Their RTTs differ by what is between the two. Without a pattern or any, the run ends when no interface is left.',
    'Data goes to standard output, everything else to standard error. Durations have a unit: ns, us, ms, s, m or h.',
    'Filters are applied in the kernel, before any state of a connection is touched.',
    'When a map fills up, pping samples less often or forgets idle flows sooner, says so, and returns to the given settings once there is room again. When no RTT arrives for 5 s, pping says why.',
  ],
};

export const AFTER_OPTIONS: readonly Section[] = [
  {
    heading: 'EXIT STATUS',
    paragraphs: [],
    items: [
      [
        '0',
        'the run ended as requested: by Ctrl-C, -c or -s, or because the reader of a pipe has left',
      ],
      ['1', 'pping failed; one line on standard error says why'],
      [
        '2',
        'the command line, or a file that it names, cannot be used; one line on standard error says why',
      ],
      ['10', 'a condition given with --until came true'],
      [
        '130, 143',
        'SIGINT or SIGTERM ended the run at once: the second of them, or one in the first moments of a start, without a summary',
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
        'with -o, reopen the output file, for logrotate; if that fails, keep the file that is open. Without -o, end the run',
      ],
      ['SIGUSR1', 'print the settings in force, how full the maps are, and the summary so far'],
    ],
  },
  {
    heading: 'ENVIRONMENT',
    paragraphs: [],
    items: [
      ['NO_COLOR', 'if set, print no colours'],
      ['TERM', 'if dumb, print no colours, and refuse --live'],
      ['PPING_DEBUG', 'if set to 1, print a stack trace after the line of an error'],
    ],
  },
  {
    heading: 'NOTES',
    paragraphs: [
      'Watching an interface needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; pping doctor says what is missing. When started as root, pping drops all other capabilities once everything is open; with --user it also switches to that user. pping measures TCP, and with --protocol what that names; the summary says how much of the traffic that is.',
    ],
  },
  {
    heading: 'SEE ALSO',
    paragraphs: ['ss(8), tc(8), tcpdump(8), jq(1)'],
  },
];
