import Glibc

/// What the world refused, in words that say what, where and what to do next.
public enum PlatformError: Error, Equatable, CustomStringConvertible {
    /// A system call failed: what was tried, on what, the `errno`, and what to do.
    case system(operation: String, subject: String, errno: Int32, hint: String)
    /// Somebody else owns it. `holder` names the owner as far as it can be known.
    case inUse(subject: String, holder: String, hint: String)
    /// A value that cannot be used: what it is, its value, what was expected.
    case invalid(subject: String, value: String, expected: String)
    /// An answer did not come in time.
    case timedOut(operation: String, subject: String, milliseconds: Int64)
    /// A message passed its limit of bytes.
    case tooLong(subject: String, limitBytes: Int)

    public var description: String {
        switch self {
        case .system(let operation, let subject, let code, let hint):
            let head = "\(operation) \(subject): \(errnoText(code))"
            return hint.isEmpty ? head : "\(head); \(hint)"
        case .inUse(let subject, let holder, let hint):
            return "\(subject) is in use by \(holder); \(hint)"
        case .invalid(let subject, let value, let expected):
            return "\(subject) is '\(value)', expected \(expected)"
        case .timedOut(let operation, let subject, let milliseconds):
            return "\(operation) \(subject): no answer within \(milliseconds) ms; check that the other end is alive"
        case .tooLong(let subject, let limit):
            return "\(subject): longer than the limit of \(limit) bytes"
        }
    }

    /// The `errno` behind the error, where a system call gave one.
    public var errnoCode: Int32? {
        if case .system(_, _, let code, _) = self { return code }
        return nil
    }
}

/// The text of an `errno`, `No such file or directory (errno 2)`.
public func errnoText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "errno \(code)" }
    return "\(text(of: buffer)) (errno \(code))"
}

/// The bytes before the terminating zero, as a string.
func text(of buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Repeats a call that a signal interrupted.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
