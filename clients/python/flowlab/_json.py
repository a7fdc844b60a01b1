"""Typed looks into JSON objects of the daemon. Members that are not known are never looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, TypeVar, cast

Json = Mapping[str, Any]
"""A JSON object as it came."""

Value = TypeVar("Value")


class Malformed(ValueError):
    """An answer whose shape is not that of the API. Clients see it as `ProtocolError`."""


def members(value: Any, where: str = "the answer") -> dict[str, Any]:
    """An object. Raises `Malformed` for anything else."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise Malformed(f"{where}: expected an object, got {_seen(value)}")


def _seen(value: Any) -> str:
    return repr(value)[:60]


def _wrong(name: str, expected: str, value: Any) -> Malformed:
    return Malformed(f"{name}: expected {expected}, got {_seen(value)}")


def maybe_text(raw: Json, name: str) -> str | None:
    value = raw.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, "text", value)


def text(raw: Json, name: str) -> str:
    return _required(name, maybe_text(raw, name))


def maybe_number(raw: Json, name: str) -> float | None:
    """A finite number; a value that is not known is null, never a special number."""
    value = raw.get(name)
    if type(value) is float and -math.inf < value < math.inf:
        return value
    return None if value is None else _finite(name, value)


def _finite(name: str, value: Any) -> float:
    if type(value) is float or type(value) is int:
        try:
            number = float(value)
        except OverflowError:
            raise _wrong(name, "a number", value) from None
        if math.isfinite(number):
            return number
    raise _wrong(name, "a number", value)


def number(raw: Json, name: str) -> float:
    return _required(name, maybe_number(raw, name))


def maybe_whole(raw: Json, name: str) -> int | None:
    value = raw.get(name)
    if value is None or type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise _wrong(name, "a whole number", value)


def whole(raw: Json, name: str) -> int:
    return _required(name, maybe_whole(raw, name))


def maybe_flag(raw: Json, name: str) -> bool | None:
    value = raw.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise _wrong(name, "true or false", value)


def flag(raw: Json, name: str) -> bool:
    return _required(name, maybe_flag(raw, name))


def _required(name: str, value: Value | None) -> Value:
    if value is None:
        raise Malformed(f"{name}: missing")
    return value


def maybe_object(raw: Json, name: str, read: Callable[[dict[str, Any]], Value]) -> Value | None:
    value = raw.get(name)
    return None if value is None else read(members(value, name))


def maybe_members(raw: Json, name: str) -> dict[str, Any] | None:
    value = raw.get(name)
    return None if value is None else members(value, name)


def table(raw: Json, name: str, read: Callable[[dict[str, Any]], Value]) -> dict[str, Value]:
    """An object of objects; empty when it is missing."""
    return {key: read(members(value, f"{name}.{key}")) for key, value in _object(raw, name).items()}


def numbers(raw: Json, name: str) -> dict[str, float]:
    """An object of numbers; empty when it is missing."""
    return {key: _finite(f"{name}.{key}", value) for key, value in _object(raw, name).items()}


def counts(raw: Json, name: str) -> dict[str, int]:
    """An object of whole numbers; empty when it is missing."""
    found = _object(raw, name)
    return {key: whole(found, key) for key in found}


def _object(raw: Json, name: str) -> dict[str, Any]:
    value = raw.get(name)
    return {} if value is None else members(value, name)


def rows(raw: Json, name: str, read: Callable[[dict[str, Any]], Value]) -> tuple[Value, ...]:
    """An array of objects; empty when it is missing."""
    return tuple(read(members(value, name)) for value in _array(raw, name))


def texts(raw: Json, name: str) -> tuple[str, ...]:
    """An array of texts; empty when it is missing."""
    values = _array(raw, name)
    if not all(isinstance(value, str) for value in values):
        raise _wrong(name, "an array of texts", values)
    return tuple(values)


def _array(raw: Json, name: str) -> list[Any]:
    value = raw.get(name)
    if value is None:
        return []
    if _is_list(value):
        return value
    raise _wrong(name, "an array", value)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
