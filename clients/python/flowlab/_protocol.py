"""JSON-RPC 2.0 over lines, without a socket: told bytes, it says whose answers they are.

One of these a connection. Both clients use it, so nothing else reads or writes JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic, NoReturn, TypeGuard, TypeVar, cast

from ._errors import DaemonError, InvalidParams, TooLarge, daemon_error
from ._json import Malformed

LINE_BYTES = 1 << 20
"""A request or an answer with its LF."""

Token = TypeVar("Token")
"""What the owner of a connection knows a request by."""


class Violation(Exception):
    """The peer broke the protocol: nothing more that it says can be believed."""


class LineBuffer:
    """Cuts bytes into lines, of which only the last may be unfinished."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self.is_overfull = False
        """A line was too long; the lines after it are not told."""

    def feed(self, data: bytes) -> list[bytes | bytearray]:
        """The lines that are whole now, without their LF."""
        if not self._rest and data.find(b"\n") == len(data) - 1:
            return [data[:-1]]
        self._rest += data
        lines: list[bytes | bytearray] = []
        if b"\n" in data:
            lines += self._rest.split(b"\n")
            self._rest = bytearray(lines.pop())
        for index, line in enumerate(lines):
            if len(line) >= LINE_BYTES:
                self.is_overfull = True
                return lines[:index]
        self.is_overfull = len(self._rest) >= LINE_BYTES
        return lines


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _plain(value: Any) -> Any:
    """Recipes, scalars and arrays of NumPy and Torch, and mappings of other kinds, in plain Python."""
    if _is_mapping(value):
        return dict(value)
    for name in ("to_json", "tolist"):
        plain = getattr(value, name, None)
        if callable(plain):
            return plain()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"), default=_plain
).encode
_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


def encode(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    """A request line. Raises `InvalidParams` for what is not JSON and `TooLarge` for what is too long."""
    try:
        text = _encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        line = text.encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidParams(
            f"the params are not JSON: {error}", method=method,
            hint="use numbers (no NaN), texts, True, False, None, lists, and dictionaries by text") from None
    if len(line) > LINE_BYTES:
        raise TooLarge(
            f"the request has {len(line)} bytes; at most {LINE_BYTES}", method=method, hint="ask for less, or in parts")
    return line


def decode(line: bytes | bytearray) -> dict[str, Any]:
    """A line from the daemon. Raises `Violation` for anything but an object."""
    try:
        text = str(line, "utf-8").strip()
        value, end = _decode(text)
        if end != len(text):
            raise ValueError(f"more than one value, from character {end} on")
    except (ValueError, RecursionError) as error:
        raise Violation(f"the peer sent a line that is not JSON ({error}): {bytes(line[:80])!r}") from None
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise Violation(f"the peer sent a line that is neither answer nor event: {bytes(line[:80])!r}")


class Answer:
    """What a request came to: a result or an error."""

    __slots__ = ("error", "result")

    def __init__(self, result: Any, error: DaemonError | None = None) -> None:
        self.result = result
        self.error = error

    def take(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class Received(Generic[Token]):
    """What some bytes came to."""

    __slots__ = ("answers", "events", "refusal", "violation")

    def __init__(self) -> None:
        self.answers: list[tuple[Token, Answer]] = []
        self.events: list[Any] = []
        """Params of the notifications `event`."""
        self.refusal: DaemonError | None = None
        """An error that belongs to no request: it is about the connection."""
        self.violation: Violation | None = None
        """The peer broke the protocol after all this."""


class Session(Generic[Token]):
    """The requests of one connection that wait for their answers. Answers may come in any order."""

    def __init__(self) -> None:
        self._lines = LineBuffer()
        self._last = 0
        self._waiting: dict[int, tuple[Token, str]] = {}

    def request(self, token: Token, method: str, params: Mapping[str, Any]) -> tuple[int, bytes]:
        """A request's number, and its line to send. Raises as `encode` does, and then nothing waits."""
        number = self._last + 1
        line = encode(number, method, params)
        self._last = number
        self._waiting[number] = (token, method)
        return number, line

    def abandon(self, number: int) -> None:
        """Nobody waits for this answer any more; it is dropped if it comes."""
        self._waiting.pop(number, None)

    @property
    def waiting(self) -> list[Token]:
        """The requests without an answer, oldest first."""
        return [token for token, _ in self._waiting.values()]

    def receive(self, data: bytes) -> Received[Token]:
        received: Received[Token] = Received()
        try:
            for line in self._lines.feed(data):
                if line and not line.isspace():
                    self._take(decode(line), received)
            if self._lines.is_overfull:
                raise Violation(f"the peer sent a line longer than {LINE_BYTES} bytes")
        except Violation as violation:
            received.violation = violation
        return received

    def _take(self, value: dict[str, Any], received: Received[Token]) -> None:
        number = value.get("id")
        if "method" in value and number is None:
            if value["method"] == "event":
                received.events.append(value.get("params"))
        elif number is None and "error" in value:
            received.refusal = self._error(value, None)
        elif type(number) is not int or not 0 < number <= self._last:
            raise Violation(f"the peer answered a request that was not made: id {number!r}")
        elif (found := self._waiting.get(number)) is not None:
            token, method = found
            answer = self._answer(value, method)
            # Only now: whoever waits for an answer that breaks the protocol is told of the loss with the others.
            del self._waiting[number]
            received.answers.append((token, answer))

    def _answer(self, value: dict[str, Any], method: str) -> Answer:
        if ("result" in value) == ("error" in value):
            raise Violation(f"the peer's answer to {method} has not either a result or an error")
        if "result" in value:
            return Answer(value["result"])
        return Answer(None, self._error(value, method))

    @staticmethod
    def _error(value: dict[str, Any], method: str | None) -> DaemonError:
        try:
            return daemon_error(value["error"], method)
        except Malformed as malformed:
            raise Violation(f"the peer's error is malformed: {malformed}") from None
