"""What the daemon keeps: spectra, histories of signals, reagents, references, and the limits of recipes.

`raw` of each is the whole JSON object as it came.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import _json
from ._json import Json, Malformed


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a signal's history: the mean over its interval and the extremes in it."""

    time: str
    value: float | None
    minimum: float | None
    maximum: float | None
    n: int | None
    quality: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Point:
        return cls(
            _json.text(raw, "time"), _json.maybe_number(raw, "value"), _json.maybe_number(raw, "minimum"),
            _json.maybe_number(raw, "maximum"), _json.maybe_whole(raw, "n"), _json.maybe_text(raw, "quality") or "",
            raw)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A stored spectrum: the mean over the frames of a burst, or a column of an analyzer's file; `unit` is that of `counts`. NumPy takes its arrays: `np.asarray(spectrum.counts)`."""

    device: str
    kind: str
    unit: str
    integration_s: float
    frames: int | None
    time: str
    wavelengths_nm: array[float] = field(repr=False)
    counts: array[float] = field(repr=False)
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Spectrum:
        return cls(
            _json.text(raw, "device"), _json.text(raw, "kind"), _json.maybe_text(raw, "unit") or "counts",
            _json.number(raw, "integration_s"), _json.maybe_whole(raw, "frames"), _json.text(raw, "time"),
            samples(raw, "wavelengths_nm"), samples(raw, "counts"), raw)


def samples(raw: Json, name: str) -> array[float]:
    """Samples of the encoding `base64-f32le`: base64 of little-endian 32-bit floats, as `array('f')`."""
    values = array("f")
    try:
        values.frombytes(b64decode(_json.text(raw, name), validate=True))
    except ValueError as error:
        raise Malformed(f"{name}: not base64 of 32-bit floats: {error}") from None
    if sys.byteorder == "big":
        values.byteswap()
    return values


@dataclass(frozen=True, slots=True)
class Reagent:
    """What is left in a syringe."""

    device: str
    reagent: str
    batch: str | None
    lot: str | None
    components_mm: Mapping[str, float]
    capacity_ul: float | None
    remaining_ul: float | None
    used_ul: float | None
    uncertain_ul: float | None
    filled: str | None
    filled_by: int | None
    low: bool | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Reagent:
        return cls(
            _json.text(raw, "device"), _json.text(raw, "reagent"), _json.maybe_text(raw, "batch"),
            _json.maybe_text(raw, "lot"), _json.numbers(raw, "components_mm"), _json.maybe_number(raw, "capacity_ul"),
            _json.maybe_number(raw, "remaining_ul"), _json.maybe_number(raw, "used_ul"),
            _json.maybe_number(raw, "uncertain_ul"), _json.maybe_text(raw, "filled"),
            _json.maybe_whole(raw, "filled_by"), _json.maybe_flag(raw, "low"), raw)


@dataclass(frozen=True, slots=True)
class Station:
    """What stands at a station, or in a robot's gripper."""

    station: str
    kind: str
    holds: int | None
    cuvettes: int | None
    sample: str | None
    """The experiment whose sample stands there."""
    doubt: str | None
    """Why nobody can say what stands there; None: it is as written."""
    since: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Station:
        return cls(
            _json.text(raw, "station"), _json.text(raw, "kind"), _json.maybe_whole(raw, "holds"),
            _json.maybe_whole(raw, "cuvettes"), _json.maybe_text(raw, "sample"), _json.maybe_text(raw, "doubt"),
            _json.maybe_text(raw, "since"), raw)


@dataclass(frozen=True, slots=True)
class Waste:
    capacity_ul: float | None
    used_ul: float | None
    remaining_ul: float | None
    emptied: str | None
    emptied_by: int | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Waste:
        return cls(
            _json.maybe_number(raw, "capacity_ul"), _json.maybe_number(raw, "used_ul"),
            _json.maybe_number(raw, "remaining_ul"), _json.maybe_text(raw, "emptied"),
            _json.maybe_whole(raw, "emptied_by"), raw)


@dataclass(frozen=True, slots=True)
class Reagents:
    reagents: tuple[Reagent, ...]
    waste: Waste | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Reagents:
        return cls(
            _json.rows(raw, "reagents", Reagent.from_json), _json.maybe_object(raw, "waste", Waste.from_json), raw)


@dataclass(frozen=True, slots=True)
class Reference:
    """A dark or a reference spectrum, and whether it may still be used."""

    device: str
    kind: str
    time: str | None
    age_s: float | None
    integration_s: float | None
    frames: int | None
    valid: bool
    reason: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Reference:
        return cls(
            _json.text(raw, "device"), _json.text(raw, "kind"), _json.maybe_text(raw, "time"),
            _json.maybe_number(raw, "age_s"), _json.maybe_number(raw, "integration_s"),
            _json.maybe_whole(raw, "frames"), _json.flag(raw, "valid"), _json.maybe_text(raw, "reason"), raw)


@dataclass(frozen=True, slots=True)
class StandsFor:
    """What a coordinate without a unit means on the bench: linearly from `minimum` at 0 to `maximum` at 1."""

    name: str
    minimum: float
    maximum: float
    unit: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> StandsFor:
        return cls(
            _json.text(raw, "name"), _json.number(raw, "minimum"), _json.number(raw, "maximum"),
            _json.maybe_text(raw, "unit") or "", raw)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input of a recipe: `x.cui`, `flows_ul_min.cui`, `temperature_c`."""

    name: str
    type: str
    minimum: float | None
    maximum: float | None
    unit: str | None
    resolution: float | None
    hard_to_change: bool
    required: bool
    meaning: str
    choices: tuple[str, ...]
    """The words of a categorical one."""
    stands_for: StandsFor | None
    raw: Json = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """The name within its table: `cui` of `x.cui`."""
        return self.name.rpartition(".")[2]

    @classmethod
    def from_json(cls, raw: Json) -> Parameter:
        return cls(
            _json.text(raw, "name"), _json.maybe_text(raw, "type") or "continuous", _json.maybe_number(raw, "minimum"),
            _json.maybe_number(raw, "maximum"), _json.maybe_text(raw, "unit"), _json.maybe_number(raw, "resolution"),
            _json.maybe_flag(raw, "hard_to_change") or False, _json.maybe_flag(raw, "required") or False,
            _json.maybe_text(raw, "meaning") or "", _json.texts(raw, "choices"),
            _json.maybe_object(raw, "stands_for", StandsFor.from_json), raw)


@dataclass(frozen=True, slots=True)
class RecipeKind:
    """The inputs of one kind of recipe, and what binds them together."""

    parameters: tuple[Parameter, ...]
    constraints: tuple[Json, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> RecipeKind:
        return cls(
            _json.rows(raw, "parameters", Parameter.from_json), _json.rows(raw, "constraints", dict), raw)


@dataclass(frozen=True, slots=True)
class RecipeSchema:
    """Machine-readable limits of recipes, by kind."""

    kinds: Mapping[str, RecipeKind]
    raw: Json = field(repr=False, compare=False)

    @property
    def box(self) -> tuple[str, ...]:
        """Names of the coordinates of a `Box`, in the daemon's order."""
        kind = self.kinds.get("box")
        found = () if kind is None else kind.parameters
        return tuple(parameter.key for parameter in found if parameter.name.startswith("x."))

    @classmethod
    def from_json(cls, raw: Json) -> RecipeSchema:
        return cls(_json.table(raw, "kinds", RecipeKind.from_json), raw)
