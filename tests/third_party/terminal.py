"""A program on a pseudo-terminal: keys go in one by one, and what it drew is read back as a screen."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte

DEADLINE = 30.0


class _Screen(pyte.Screen):
    """A screen that answers what a terminal is asked."""

    reply = staticmethod(lambda _text: None)

    def write_process_input(self, data):
        self.reply(data)

    def report_device_status(self, mode=0, **_private):
        super().report_device_status(mode)

    def report_device_attributes(self, mode=0, **_private):
        super().report_device_attributes(mode)


class Terminal:
    """Starts a program on a terminal of its own, and ends it when the block is left."""

    def __init__(self, command, env, columns=120, rows=50):
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.reply = lambda text: os.write(self._master, text.encode())
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self._process = subprocess.Popen(
            command, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=_own_terminal
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(10)
        os.close(self._slave)
        os.close(self._master)

    def text(self):
        """What is on the screen now, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def modes(self):
        """How the terminal is set: what a program must leave as it found it."""
        return termios.tcgetattr(self._slave)

    def send(self, keys):
        os.write(self._master, keys.encode())

    def _read(self, seconds):
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            self._stream.feed(os.read(self._master, 65536))
        return bool(ready)

    def until(self, condition, what, deadline=DEADLINE):
        """Reads what is drawn until the condition holds for the screen's text, and returns what it came to."""
        end = time.monotonic() + deadline
        while True:
            while self._read(0):
                pass
            seen = condition(self.text())
            if seen:
                return seen
            assert self._process.poll() is None, f"it ended ({self._process.returncode}) before {what}:\n{self.text()}"
            left = end - time.monotonic()
            assert left > 0, f"waited {deadline:.0f} s for {what}; on the screen:\n{self.text()}"
            self._read(min(left, 0.5))

    def wait_for(self, *words, deadline=DEADLINE):
        """Waits until all the words are on the screen together."""
        return self.until(lambda text: all(word in text for word in words) and text, f"{words}", deadline)

    def press(self, key):
        """Sends a key and waits until the screen has changed."""
        before = self.text()
        self.send(key)
        return self.until(lambda text: text != before and text, f"the screen to change after {key!r}")

    def exit_code(self, deadline=DEADLINE):
        """Waits until the program has ended."""
        end = time.monotonic() + deadline
        while self._process.poll() is None:
            assert time.monotonic() < end, f"still running after {deadline:.0f} s:\n{self.text()}"
            self._read(0.05)
        return self._process.returncode


def _own_terminal():
    """In the child: the pseudo-terminal becomes the controlling one, as it is of a program started from a shell."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
