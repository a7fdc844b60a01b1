extension BoardStatus {
    /// What it means for people, and what to do where that is known.
    public var words: String {
        switch self {
        case .ok: "done"
        case .unknownMessage: "the board does not know this message; its firmware may be older than the daemon"
        case .badLength: "the message has another length on the board; its firmware may be of another version"
        case .noSession: "the board has no session; it has started anew"
        case .wrongSession: "the board serves another session; another program may hold its port"
        case .notConfigured: "the channel is not configured"
        case .badChannel: "the board has no such channel"
        case .wrongKind: "the channel is of another kind"
        case .outOfRange: "a value is outside of what the channel can do"
        case .busy: "the channel still moves; wait until it has ended, or stop it"
        case .faulted: "the board is in a fault, and everything on it is safe; see the fault, then clear it"
        case .queueFull: "the board holds as many scheduled messages as it can"
        case .tooLate: "its time was past when it arrived"
        case .tooFar: "its time is too far ahead"
        case .badConfiguration: "the configuration did not arrive whole, or does not fit together"
        case .stale: "the board has already taken a newer request"
        case .notHomed: "the axis is not homed; home it first"
        case .limit: "the limit switch is active"
        case .sameSession: "the fault came in this session; a new session ends it"
        case .locked: "what configures is taken only between the begin and the commit of a configuration"
        case .badVersion: "the board speaks another version of the protocol; flash a firmware of this release"
        case .other(let code): "the board says status \(code), which this release does not know"
        }
    }
}

extension BoardFault {
    public var words: String {
        switch self {
        case .none: "no fault"
        case .deadMan: "no heartbeat of the host came in time"
        case .lateCommand: "a scheduled command came after its time"
        case .overTemperature: "a heater is hotter than its maximum"
        case .sensor: "a temperature sensor reads outside of its limits"
        case .notHeating: "a heater is on and does not become warmer"
        case .emergencyStop: "the emergency stop is pressed"
        case .internal: "the firmware found itself in a state that must not be"
        case .other(let code): "fault \(code), which this release does not know"
        }
    }
}

extension BoardEnded {
    public var words: String {
        switch self {
        case .finished: "it was done"
        case .expired: "its longest time was over"
        case .stopped: "it was stopped"
        case .limit: "the limit switch became active"
        case .fault: "the board had a fault"
        case .other(let code): "reason \(code), which this release does not know"
        }
    }
}

extension BoardResetCause {
    public var words: String {
        switch self {
        case .unknown: "for an unknown reason"
        case .powerOn: "after the power came on"
        case .external: "by its reset pin, as when a port is opened"
        case .brownOut: "because its supply broke down"
        case .watchdog: "by its watchdog: the firmware hung"
        case .software: "by its own software"
        case .other(let code): "for reason \(code), which this release does not know"
        }
    }
}
