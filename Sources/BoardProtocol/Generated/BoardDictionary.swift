// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// The dictionary that this was built with: version, hash, limits and messages.
public enum BoardDictionary {
    public static let version: UInt8 = 1
    /// A board that says the same in its `hello` means the same by each byte.
    public static let hash: UInt32 = 0x4377_86a2

    /// Version, sequence, type, payload and CRC.
    public static let bodyMax = 69

    /// Without a heartbeat for so long, the board makes itself safe.
    public static let deadManMilliseconds = 1000

    /// A body as COBS, with the trailing byte that some encoders add, and its delimiter.
    public static let encodedMax = 72

    /// Events that are kept until they are acknowledged.
    public static let eventRing = 8

    /// From one heartbeat of the host to the next.
    public static let heartbeatIntervalMilliseconds = 250

    /// The longest maximum on-time that may be configured.
    public static let maxOnLimitMilliseconds = 3600000

    /// In the place of a channel: none.
    public static let noChannel = 255

    /// Bytes of a payload at most.
    public static let payloadMax = 64

    /// How far ahead a scheduled message may be.
    public static let scheduleHorizonMilliseconds = 60000

    /// How far ahead of need a host sends it at the latest.
    public static let scheduleLeadMilliseconds = 100

    /// Bytes of a scheduled message's payload.
    public static let scheduledBodyMax = 20

    public static let requests: [any BoardRequest.Type] = [
        HelloRequest.self,
        HeartbeatRequest.self,
        ClockRequest.self,
        DescribeRequest.self,
        ConfigureBeginRequest.self,
        ConfigureOutputRequest.self,
        ConfigureInputRequest.self,
        ConfigureAnalogRequest.self,
        ConfigureAxisRequest.self,
        ConfigureHeaterRequest.self,
        ConfigureCommitRequest.self,
        ReadConfigurationRequest.self,
        SetOutputRequest.self,
        MoveRequest.self,
        HomeRequest.self,
        PumpRequest.self,
        SetHeaterRequest.self,
        ChannelStopRequest.self,
        StopRequest.self,
        ScheduleRequest.self,
        ReadRequest.self,
        ClearRequest.self,
    ]

    public static let events: [any BoardMessage.Type] = [
        BootedEvent.self,
        ExecutedEvent.self,
        EndedEvent.self,
        FaultedEvent.self,
        InputEvent.self,
    ]
}
