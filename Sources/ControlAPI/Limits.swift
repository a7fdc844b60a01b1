/// The versions that `system.hello` and `--version` tell.
public enum APIVersion {
    /// Semantic: within a major version members and methods are only added.
    public static let api = "1.1.0"
    /// Of all programs, which are released together.
    public static let program = "0.1.0"
    public static let daemon = "flowlabd \(program)"
}

/// The limits of the wire, which a client may rely on; `system.info` tells them.
public enum APILimits {
    /// A request or a reply, with its LF.
    public static let lineBytes = 1 << 20
    /// An id as it was written.
    public static let idBytes = 1024
    public static let batchRequests = 64
    /// Requests of one connection that wait for their answer.
    public static let outstandingRequests = 64
    /// Questions of one connection that wait for the archive.
    public static let waitingReads = 1024
    public static let connections = 128
    /// Of these, what callers without a role may hold together, so that they cannot keep the others out.
    public static let connectionsWithoutRole = 16
    /// Connections beyond those, from which only the safe state may be triggered.
    public static let surplusConnections = 16
    /// Recent events, and recent readings, that a subscriber may resume from.
    public static let retainedEvents = 4096
    /// Bytes given to a connection's socket and not yet taken; above it a subscriber's events wait in the ring.
    public static let outputSoftBytes = 256 << 10
    /// Above it the connection is closed.
    public static let outputHardBytes = 4 << 20
    /// Events that a subscriber may miss in a row before it is closed.
    public static let missedEvents = 4 * 4096
    public static let subscriptionTopics = 32
    public static let waitSeconds = 86_400.0
    public static let defaultWaitSeconds = 600.0
    /// How long the control loop may take to answer.
    public static let controlReplySeconds = 30.0
    /// Of one timed program.
    public static let programSteps = 256
    public static let programSeconds = 600.0
    public static let listedExperiments = 200
    public static let defaultListedExperiments = 50
    public static let listedResults = 200
    public static let defaultListedResults = 50
    public static let listedCampaigns = 200
    public static let defaultListedCampaigns = 50
    public static let listedAudit = 500
    public static let defaultListedAudit = 100
    public static let historyPoints = 1000
    public static let defaultHistoryPoints = 1000
    /// Records of one page, and base64 text of its spectra.
    public static let pageBytes = 512 << 10
    public static let metadataBytes = 16 << 10
    public static let keyCharacters = 128
    public static let nameCharacters = 128
    public static let reasonCharacters = 200
    public static let sourceCharacters = 500
    public static let noteCharacters = 500
    public static let batchCharacters = 64
    public static let attachedFeatures = 64
    public static let components = 64
    public static let cuvettes: Int64 = 10_000
    public static let leasedDevices = 64
    public static let leaseSeconds = 1.0...300.0
    public static let usualLeaseSeconds = 30.0
    public static let acquiredFrames: Int64 = 100
    public static let signalNames = 256
    public static let priorities: ClosedRange<Int64> = -100...100
    /// The fastest and the slowest ramp of a set point, K/min.
    public static let ramps = 0.001...10_000.0
    /// The most that a syringe may be said to hold, uL.
    public static let syringeMicroliters = 1e6
}
