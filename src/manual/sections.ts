/** What the manual says besides the options. */

export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly (readonly [term: string, text: string])[];
}

export const DESCRIPTION: Section = {
  heading: 'DESCRIPTION',
  paragraphs: [
    'pping watches the TCP traffic that already crosses a network interface and reports the round-trip times (RTTs) those connections really experience. It sends nothing and changes no packet: BPF programs in the kernel remember TCP timestamps (RFC 7323) and match the answers to them.',
    'Each line shows the time of day, the RTT, the least RTT of that flow, and the flow as seen in the reply: the responder first. The gap between the two RTTs is the queue; the least one is the distance. RTTs beyond the interface, to hosts that packets reach through it, and behind it are different paths: the summary keeps them apart.',
    'Data goes to standard output, everything else to standard error. Durations have a unit: ns us ms s m.',
    'Filters are applied in the kernel, before any state of a connection is touched. Of several addresses and networks one has to fit, of several ports too; with both, one of each; at either end of the connection. What is excluded is left out whatever else fits.',
    'When a map fills up, pping samples less often, or forgets idle flows sooner, in steps that it tells, and goes back when there is room again. When no RTT comes for 5 s, it says why.',
  ],
};

export const AFTER_OPTIONS: readonly Section[] = [
  {
    heading: 'EXIT STATUS',
    paragraphs: [],
    items: [
      ['0', 'a wished end: Ctrl-C, -c, -s, the reader of a pipe has left'],
      ['1', 'a fault; one line on standard error says which'],
      ['2', 'bad input'],
      ['10', 'a condition of --until has come true'],
    ],
  },
  {
    heading: 'SIGNALS',
    paragraphs: [],
    items: [
      ['SIGINT, SIGTERM', 'end the run with its summary; a second one ends it at once'],
      [
        'SIGHUP',
        'with -o: open the file anew, for logrotate; if that fails, go on with the one that is open. Without: end the run',
      ],
      ['SIGUSR1', 'print the settings in force, how full the maps are, and the summary until now'],
    ],
  },
  {
    heading: 'ENVIRONMENT',
    paragraphs: [],
    items: [
      ['NO_COLOR', 'no colours'],
      ['PPING_DEBUG', 'with 1, a stack after the line of an error'],
    ],
  },
  {
    heading: 'NOTES',
    paragraphs: [
      'Watching an interface needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; pping doctor says what is missing. Started as root it gives up the rest once all is open; with --user it also becomes that user. Only TCP with timestamps can be measured; how much of the traffic that is, the summary says.',
    ],
  },
  {
    heading: 'SEE ALSO',
    paragraphs: ['ss(8), tc(8), tcpdump(8), jq(1)'],
  },
];
