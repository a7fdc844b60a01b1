"""A socket that outlives the daemon behind it, as one that systemd holds: while there is no daemon, connections succeed and
wait. `front_door.py SOCKET DAEMON-SOCKET` serves until it is ended."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
import time


class FrontDoor:
    """Takes a connection only once the daemon has taken the one behind it; ends both together."""

    def __init__(self, path: str, daemon: str) -> None:
        self._daemon = daemon
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(64)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._listener], [], [], 0.1)[0]:
                continue
            behind = self._reach()
            if behind is not None:
                front = self._listener.accept()[0]
                threading.Thread(target=self._carry, args=(front, behind), daemon=True).start()

    def _reach(self) -> socket.socket | None:
        while not self._ended.is_set():
            behind = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                behind.connect(self._daemon)
                return behind
            except OSError:
                behind.close()
                time.sleep(0.02)
        return None

    @staticmethod
    def _carry(front: socket.socket, behind: socket.socket) -> None:
        other = {front: behind, behind: front}
        with front, behind, contextlib.suppress(OSError):
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    other[ready].sendall(data)

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)
        self._listener.close()


if __name__ == "__main__":
    with contextlib.suppress(FileNotFoundError):
        os.unlink(sys.argv[1])
    door = FrontDoor(sys.argv[1], sys.argv[2])
    threading.Event().wait()
