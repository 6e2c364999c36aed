/* SPDX-License-Identifier: MIT */
/*
 * tuns <a> <b> [link type]
 *
 * Makes two TUN devices, interfaces without a link-layer header, and carries every packet from one
 * to the other. Prints "ready" once they exist. EOF on stdin ends it, and the devices with it.
 * A link type (ARPHRD_ of linux/if_arp.h) other than TUN's own makes them look like another kind.
 */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int make_device(const char *name, const char *link_type)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int device = open("/dev/net/tun", O_RDWR);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (device < 0 || ioctl(device, TUNSETIFF, &request))
		fail(name);
	if (link_type && ioctl(device, TUNSETLINK, atol(link_type)))
		fail(link_type);
	return device;
}

static void carry(int from, int to)
{
	static char packet[65536];
	ssize_t length = read(from, packet, sizeof(packet));

	/* Refused while the other device is down: lost, as on a cable that is not plugged in. */
	if (length > 0 && write(to, packet, length) < 0)
		return;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	int a = make_device(argv[1], argv[3]), b = make_device(argv[2], argv[3]);
	struct pollfd inputs[] = {{a, POLLIN, 0}, {b, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

	puts("ready");
	fflush(stdout);
	while (poll(inputs, 3, -1) >= 0 && !inputs[2].revents) {
		if (inputs[0].revents)
			carry(a, b);
		if (inputs[1].revents)
			carry(b, a);
	}
	return 0;
}
