/**
 * Services that systemd starts for one connection each (Accept=yes). It names them after the connection's number, its
 * cookie, and both of its ends (src/core/socket.c, instance_from_socket):
 * sshd@3-192.0.2.7:22-198.51.100.3:50346.service
 */
const ENDS = /(@\d+-(?:\d+-)?)[\da-f.:]+:\d+-[\da-f.:]+:\d+(?=\.service(?:\/|$))/gi;

/** The path of a cgroup without ends of connections, as systemctl takes it: sshd@3-*.service */
export function withoutEnds(path: string): string {
  return path.replace(ENDS, '$1*');
}
