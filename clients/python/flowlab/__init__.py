"""The Python client of flowlabd, the device daemon of a self-driving fluidic lab.

    import flowlab

    with flowlab.Client() as client:
        experiment = client.run(flowlab.Flows(140, {"cui": 80, "ode_cui": 70, "cs_oleate": 80}))
        print(experiment.mean("pl_peak"))

The standard library is all it needs.
"""

from ._async_client import AsyncClient
from ._async_subscription import AsyncEvents
from ._bench import Alarm, Audited, Device, DeviceDetail, Hello, Info, Interlock, Latch, Reading, Reloaded, Signal, Status
from ._client import Client
from ._dataset import Dataset
from ._errors import (
    ArchiveError, Busy, Closed, ConnectionLost, DaemonError, DaemonTimeout, ExperimentFailed, FlowlabError, Forbidden,
    Infeasible, InvalidParams, KeyConflict, MethodNotFound, NoResult, NotCancellable, NotFound, ProtocolError,
    ResetRefused, SocketNotFound, Timeout, TooLarge)
from ._events import Event, Gap, Position, StreamChanged, StreamItem
from ._experiments import (
    FINAL_STATES, Campaign, CampaignLike, Certificate, Experiment, ExperimentError, ExperimentLike, ExperimentState,
    Feature, Measured, Result, Sample, Submitted, Summary, Transition)
from ._hand import Analysis, Column, Lease, LeaseLike, Look, Maintenance, ProgramRun, PumpStart, StepDone
from ._plans import Cost, Plan, Problem
from ._recipes import Box, Flows, OtherRecipe, Recipe, RecipeLike, References
from ._recorder import KeptRecording, Recorder
from ._records import (
    Parameter, Point, Reagent, Reagents, RecipeKind, RecipeSchema, Reference, Spectrum, StandsFor, Station, Waste)
from ._socket import find_socket
from ._subscription import Events

__version__ = "0.1.0"

__all__ = [
    "FINAL_STATES", "Alarm", "Analysis", "ArchiveError", "AsyncClient", "AsyncEvents", "Audited", "Box", "Busy", "Campaign", "CampaignLike",
    "Certificate", "Client", "Closed", "Column", "ConnectionLost", "Cost", "DaemonError", "DaemonTimeout", "Dataset", "Device",
    "DeviceDetail", "Event", "Events", "Experiment", "ExperimentError", "ExperimentFailed", "ExperimentLike",
    "ExperimentState", "Feature", "FlowlabError", "Flows", "Forbidden", "Gap", "Hello", "Infeasible", "Info",
    "Interlock", "InvalidParams", "KeptRecording", "KeyConflict", "Latch", "Lease", "LeaseLike", "Look", "Maintenance", "Measured", "MethodNotFound", "NoResult", "NotCancellable",
    "NotFound", "OtherRecipe", "Parameter", "Plan", "Point", "Position", "Problem", "ProgramRun", "ProtocolError", "PumpStart", "Reading",
    "Reagent", "Reagents", "Recipe", "Recorder", "RecipeKind", "RecipeLike", "RecipeSchema", "Reference", "References", "Reloaded",
    "ResetRefused", "Result", "Sample", "Signal", "SocketNotFound", "Spectrum", "StandsFor", "Station", "Status", "StepDone", "StreamChanged",
    "StreamItem", "Submitted", "Summary", "Timeout", "TooLarge", "Transition", "Waste", "find_socket",
]
