// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Forgets the configuration; what was active is made safe first.
public struct ConfigureBeginRequest: BoardRequest {
    public static let name = "configure_begin"
    public static let type: UInt8 = 0x05

    public init() {}

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 0 else { return nil }
    }

    public var payload: [UInt8] { [] }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
