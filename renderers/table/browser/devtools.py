"""Client of Chromium's debugging pipe: sends commands, reads replies and events.

The transport of `pipe_driver`, without a driver process in the middle.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from renderers.table.browser.driver import BrowserLost, DevToolsError

MAX_MESSAGE_BYTES = 512 * 2**20
_PART_BYTES = 2**20
_ABOVE_FD = 10


class Event(msgspec.Struct, frozen=True):
    """An event of the browser; replies have the same form."""

    id: int = 0
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"{}")
    result: msgspec.Raw = msgspec.Raw(b"{}")
    error: dict[str, Any] | None = None
    session: str = msgspec.field(default="", name="sessionId")


class DevTools:
    """One browser process at the other end of two pipes; one command in flight or many.

    Args:
        command: Executable and arguments; ``--remote-debugging-pipe`` is added.
        listener: Called with each event, in order, while a reply is waited for. It may raise, and
            may post commands.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        listener: Callable[[Event], None],
    ) -> None:
        self._listener = listener
        self._count = 0
        self._replies: dict[int, Event] = {}
        self._forgotten: set[int] = set()
        self._data = bytearray()
        self._searched = 0
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # The browser reads from 3 and writes to 4, so our descriptors must not use these numbers meanwhile.
        low = (theirs_in, theirs_out)
        high = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _ABOVE_FD) for number in low]
        try:
            self.pid = os.posix_spawn(
                command[0],
                [*command, "--remote-debugging-pipe"],
                dict(environment),
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, high[0], 3),
                    (os.POSIX_SPAWN_DUP2, high[1], 4),
                    (os.POSIX_SPAWN_DUP2, 2, 1),
                ],
            )
        finally:
            for number in (*low, *high):
                os.close(number)

    def post(
        self,
        method: str,
        session: str = "",
        parameters: Mapping[str, object] | None = None,
        *,
        forget: bool = False,
    ) -> int:
        """Send a command; returns its number for `wait`. The reply of a forgotten command is dropped.

        Raises:
            BrowserLost: the browser does not read.
        """
        self._count += 1
        message: dict[str, object] = {
            "id": self._count,
            "method": method,
            "params": parameters or {},
        }
        if session:
            message["sessionId"] = session
        data = memoryview(msgspec.json.encode(message) + b"\0")
        try:
            while data:
                data = data[os.write(self._write, data) :]
        except OSError as error:
            raise BrowserLost(f"the browser does not read: {error}") from error
        if forget:
            self._forgotten.add(self._count)
        return self._count

    def wait(self, number: int) -> msgspec.Raw:
        """The result of a posted command.

        Raises:
            DevToolsError: the browser refused the command.
            BrowserLost: no reply will come.
        """
        while number not in self._replies:
            self.listen()
        reply = self._replies.pop(number)
        if reply.error is not None:
            raise DevToolsError(str(reply.error.get("message", reply.error)))
        return reply.result

    def send(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """`post` and `wait`, the result as plain values."""
        result: dict[str, Any] = msgspec.json.decode(
            self.wait(self.post(method, session, parameters))
        )
        return result

    def listen(self) -> None:
        """Read one message: store a reply, or pass an event to the listener."""
        message = self._message()
        if not message.id:
            self._listener(message)
        elif message.id in self._forgotten:
            self._forgotten.discard(message.id)
        else:
            self._replies[message.id] = message

    def _message(self) -> Event:
        while (end := self._data.find(0, self._searched)) < 0:
            self._searched = len(self._data)
            if self._searched > MAX_MESSAGE_BYTES:
                raise BrowserLost(f"the browser sends more than {MAX_MESSAGE_BYTES} bytes at once")
            part = os.read(self._read, _PART_BYTES)
            if not part:
                raise BrowserLost("the browser ended")
            self._data += part
        try:
            return _EVENT.decode(bytes(memoryview(self._data)[:end]))
        except msgspec.DecodeError as error:
            raise BrowserLost(f"the browser sends no message: {error}") from error
        finally:
            del self._data[: end + 1]
            self._searched = 0

    def close(self) -> None:
        """Close the pipes, which ends the browser."""
        os.close(self._write)
        os.close(self._read)


_EVENT = msgspec.json.Decoder(Event)
