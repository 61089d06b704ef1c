"""A program on a pseudo-terminal, with just enough of a terminal to read its screen: text, cursor moves, erasing."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

# A control sequence, an operating system command, another escape, or plain text up to the next of them.
TOKEN = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]|[\r\n\b]|[^\x1b\r\n\b]+")


class Terminal:
    """Starts a program on a terminal of its own, and ends it when the block is left."""

    def __init__(self, command, env, columns=200, rows=60, cwd=None):
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._rest = b""
        self._text = ""
        self.bursts = []
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=env, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True, preexec_fn=_own
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        os.close(self._master)

    def press(self, keys):
        os.write(self._master, keys.encode())

    def lines(self):
        return ["".join(row) for row in self._cells]

    def text(self):
        return "\n".join(self.lines())

    def read(self, timeout):
        """Takes what the program has written, once. Says whether there was anything."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return False
        try:
            written = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.bursts.append(time.monotonic())
        self._take(written)
        return True

    def until(self, wanted, patience=30.0):
        """Reads until the screen is as wanted; says when that was, counted from the start."""
        end = time.monotonic() + patience
        while not wanted(self):
            if time.monotonic() > end or (not self.read(0.5) and self.process.poll() is not None):
                raise SystemExit("that never came to pass; the screen:\n" + "\n".join(map(str.rstrip, self.lines())))
        return (self.bursts[-1] if self.bursts else time.monotonic()) - self.started

    def rest(self, seconds):
        """Reads for a time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def quit(self, patience=20.0):
        """Ends the program as a person would, and waits for it."""
        self.press("q")
        end = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        return self.process.poll()

    def _take(self, written):
        data = self._rest + written
        # A character or a sequence may be cut in two.
        text = data.decode("utf-8", "ignore" if len(data) > 1 << 20 else "surrogateescape")
        cut = text.rfind("\x1b")
        is_whole = cut < 0 or any(match.start() == cut for match in TOKEN.finditer(text, cut))
        tail = "" if is_whole else text[cut:]
        text = text[: len(text) - len(tail)]
        while text and "\udc80" <= text[-1] <= "\udcff":
            tail, text = text[-1] + tail, text[:-1]
        self._rest = tail.encode("utf-8", "surrogateescape")
        for match in TOKEN.finditer(text):
            self._do(match)

    def _do(self, match):
        token, final = match.group(), match.group(2)
        if final is not None:
            self._control(match.group(1), final)
        elif token == "\r":
            self._column = 0
        elif token == "\n":
            self._row = min(self._row + 1, self.rows - 1)
        elif token == "\b":
            self._column = max(self._column - 1, 0)
        elif not token.startswith("\x1b"):
            for character in token:
                if self._column < self.columns:
                    self._cells[self._row][self._column] = character
                    self._column += 1

    def _control(self, given, final):
        numbers = [int(number) if number.isdigit() else 0 for number in given.split(";")]
        if final == "H":
            row, column = (numbers + [0])[:2]
            self._row = min(max(row, 1), self.rows) - 1
            self._column = min(max(column, 1), self.columns) - 1
        elif final == "C":
            self._column = min(self._column + max(numbers[0], 1), self.columns - 1)
        elif final == "J" and numbers[0] == 2 or final == "h" and given == "?1049":
            self._cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final in "JK":
            self._cells[self._row][self._column :] = [" "] * (self.columns - self._column)


def _own():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
