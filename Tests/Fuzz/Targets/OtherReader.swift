import FoundationEssentials
import Wire

/// A JSON reader that is not ours.
enum OtherReader {
    static func value(_ bytes: [UInt8]) -> JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

    static func takes(_ bytes: [UInt8]) -> Bool { value(bytes) != nil }
}
