/// What stood on a command line.
public struct Arguments: Sendable {
    let command: String
    public var commandName: String { command }
    public internal(set) var operands: [String] = []
    var values: [String: [String]] = [:]

    public func has(_ name: String) -> Bool { values[name] != nil }
    public func value(_ name: String) -> String? { values[name]?.first }
    public func values(_ name: String) -> [String] { values[name] ?? [] }

    /// - Throws: when the text is not a number in `range`.
    public func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = value(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            let expected = "a number of \(range.lowerBound) to \(range.upperBound)"
            throw UsageError(command: command, detail: "\(name) is \"\(text)\", expected \(expected)")
        }
        return number
    }

    /// - Throws: when the text is not a whole number in `range`.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let expected = "a whole number of \(range.lowerBound) to \(range.upperBound)"
            throw UsageError(command: command, detail: "\(name) is \"\(text)\", expected \(expected)")
        }
        return number
    }
}

/// A command line that is not understood.
public struct UsageError: Error, CustomStringConvertible, Sendable {
    public let command: String
    public let detail: String

    public init(command: String, detail: String) {
        self.command = command
        self.detail = detail
    }

    public var description: String { "\(command): \(detail)" }
}
