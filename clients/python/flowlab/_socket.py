"""Which daemon to talk to."""

from __future__ import annotations

import os
from pathlib import Path

from ._errors import SocketNotFound

RUN = "/run/flowlab"


def find_socket(path: str | os.PathLike[str] | None = None, run: str | os.PathLike[str] = RUN) -> str:
    """The path that is given, else `$FLOWLAB_SOCKET`, else the only `/run/flowlab/*/control.sock`.

    Raises `SocketNotFound` when there is none or several.
    """
    if path is not None:
        return os.fspath(path)
    if named := os.environ.get("FLOWLAB_SOCKET"):
        return named
    found = sorted(str(socket) for socket in Path(run).glob("*/control.sock"))
    if len(found) == 1:
        return found[0]
    hint = "give the path of the control socket, or set FLOWLAB_SOCKET"
    if not found:
        raise SocketNotFound(f"there is no {run}/*/control.sock", hint=f"{hint}; is flowlabd running on this host?")
    raise SocketNotFound(
        f"{len(found)} benches are served here: {', '.join(found)}", kind="several_sockets", hint=hint)
