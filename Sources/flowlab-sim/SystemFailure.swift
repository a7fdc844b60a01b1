import Glibc

/// A system call that failed: which, on what, and why.
struct SystemFailure: Error, CustomStringConvertible {
    var call: String
    var subject: String
    var number: Int32

    var description: String { "\(call) \(subject): \(String(cString: strerror(number)))" }
}

/// The call's result, or its error.
@discardableResult
func check(_ result: Int32, _ call: String, _ subject: String = "") throws(SystemFailure) -> Int32 {
    guard result >= 0 else { throw SystemFailure(call: call, subject: subject, number: errno) }
    return result
}

/// What a non-blocking read gave.
enum Received {
    case bytes([UInt8])
    case nothing
    case ended
}

func receive(_ descriptor: Int32) -> Received {
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 { return .bytes(Array(buffer[0..<count])) }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return .nothing }
    return .ended
}

/// Writes what fits; how many bytes went, or nil when the peer is gone.
func transmit(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int? {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
}
