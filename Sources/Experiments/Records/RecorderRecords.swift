import Quantities

/// `[recorder]` of the bench file: every byte on every link, in a bounded ring on the disk.
public struct RecorderRules: Hashable, Sendable {
    /// What the ring may take of the disk, in bytes; 0: nothing is recorded.
    public var limitBytes: Int

    public init(limitBytes: Int = 0) { self.limitBytes = limitBytes }

    public var isOn: Bool { limitBytes > 0 }
}

/// A part of the ring that is to be kept: what led to a trip, or what somebody asked for.
public struct RecordingWish: Hashable, Sendable, Codable {
    /// Of its directory: the time in UTC and the cause, `20261128T210419.123Z-plate-over-temperature`.
    public let name: String
    /// The interlock's name, or `request`.
    public let cause: String
    public static let request = "request"
    /// In words: why it tripped, or the reason that was given.
    public let reason: String
    /// Of the trip or the request.
    public let at: Moment

    public var isRequest: Bool { cause == Self.request }

    public init(cause: String, reason: String, at now: Moment) {
        self.cause = cause
        self.reason = reason
        at = now
        let time = now.wall.rfc3339.filter { $0 != "-" && $0 != ":" }
        // Interlocks are named of letters, digits and dashes.
        name = "\(time)-\(cause)"
    }
}

/// A recording that the ring does not remove.
public struct KeptRecording: Hashable, Sendable, Codable {
    public let wish: RecordingWish
    public let segments: Int
    public let bytes: Int

    public init(wish: RecordingWish, segments: Int, bytes: Int) {
        self.wish = wish
        self.segments = segments
        self.bytes = bytes
    }
}

/// The flight recorder as readers see it.
public struct RecorderView: Hashable, Sendable {
    public var isOn: Bool
    /// Why nothing can be written at the moment; nil when it can.
    public var trouble: String?
    /// What the ring may take, and what it takes now.
    public var limitBytes: Int
    public var bytes: Int
    /// Records of this daemon that were lost: the disk or the thread could not follow.
    public var lost: UInt64
    /// The directories of the ring and of what is kept.
    public var ring: String
    public var directory: String
    /// The oldest first.
    public var kept: [KeptRecording]

    public init(
        isOn: Bool = false, trouble: String? = nil, limitBytes: Int = 0, bytes: Int = 0, lost: UInt64 = 0,
        ring: String = "", directory: String = "", kept: [KeptRecording] = []
    ) {
        self.isOn = isOn
        self.trouble = trouble
        self.limitBytes = limitBytes
        self.bytes = bytes
        self.lost = lost
        self.ring = ring
        self.directory = directory
        self.kept = kept
    }
}
