import DeviceModel
import Drivers
import Interlocks
import Quantities

/// What the shell does to a link on the core's behalf.
public enum LinkAction: Sendable {
    /// Open it without blocking; answer with `.opened` or `.closed(reason:)`.
    case open
    case close
    /// Write in order. Bytes that could not be written at once are checked again when they are.
    case send([UInt8], WriteAuthority)
    case modbus(ModbusRequest, WriteAuthority, urgent: Bool)
    /// A trip: throw away every unwritten write that was permitted before this epoch.
    case flush(TripEpoch)
}

/// What the core tells those above it.
public enum CoreNotice: Sendable {
    case reading(Reading)
    case device(DeviceName, DeviceState)
    case finished(CommandID, DeviceName, CommandOutcome)
    /// Of a timed command, before it is `finished`.
    case executed(CommandID, BoardPunctuality)
    case burst(SpectrumBurst)
    /// Comes before the end of its command is told.
    case result(AnalyzerResult)
    case tripped([Latch])
    /// A device that a trip brought down was read back and is safe.
    case proven(DeviceName, String)
    /// The read-back did not come in time, or does not show the safe state; everything was told again.
    case unproven(DeviceName, String)
    /// A device that somebody above runs shows its safe state: it stopped by itself, or somebody else stopped it.
    case foundStopped(DeviceName, String)
    /// A device was found with running outputs that nobody owns; it was told its safe state.
    case foundRunning(DeviceName, String)
}

public enum CoreEffect: Sendable {
    case link(LinkName, LinkAction)
    case notice(CoreNotice)
}
