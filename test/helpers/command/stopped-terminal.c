/* SPDX-License-Identifier: MIT */
/*
 * stopped-terminal <text> <program> [argument...]
 *
 * Runs the program on a terminal of its own, and reads what it writes there. Once that has the text in it, the
 * terminal takes nothing more (as after Ctrl-S). Prints "stopped <pid of the program>" then, and "ended <code>"
 * when the program has ended; a code of -1 is a signal. EOF on stdin kills what still runs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char screen[1 << 16];
static size_t length;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		fail("make a terminal");
	return master;
}

static void run(int terminal, char **argv)
{
	setsid();
	ioctl(terminal, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(terminal, fd);
	execvp(argv[0], argv);
	fail(argv[0]);
}

static int shows(int master, const char *text)
{
	ssize_t got = read(master, screen + length, sizeof(screen) - 1 - length);

	if (got <= 0)
		fail("read the terminal");
	length += (size_t)got;
	return memmem(screen, length, text, strlen(text)) != NULL;
}

int main(int argc, char **argv)
{
	int master = open_terminal(), terminal, status;
	pid_t pid;

	if (argc < 3)
		return 2;
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		fail("open the terminal");
	pid = fork();
	if (pid == 0)
		run(terminal, argv + 2);
	while (!shows(master, argv[1]))
		;
	tcflow(terminal, TCOOFF);
	printf("stopped %d\n", pid);
	fflush(stdout);
	for (struct pollfd stdin_end = {.fd = 0}; waitpid(pid, &status, WNOHANG) == 0;)
		if (poll(&stdin_end, 1, 20) > 0)
			kill(pid, SIGKILL);
	printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
