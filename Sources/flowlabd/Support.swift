import Configuration
import ControlAPI
import Experiments
import Glibc
import Platform
import Quantities

enum BuildInfo {
    static let version = APIVersion.program
    static let api = APIVersion.api
}

/// The user who runs the daemon.
func ownUser() -> UInt32 { getuid() }

/// Lets a worker wait a little without burning its core.
func pauseThread(_ span: WireDuration) { _ = poll(nil, 0, Int32(clamping: span.nanoseconds / 1_000_000)) }

func yieldThread() { pauseThread(.milliseconds(1)) }

/// A random UUID of the kernel, as text: names a stream of events.
func randomUUID() throws(PlatformError) -> String {
    let path = "/proc/sys/kernel/random/uuid"
    guard let file = fopen(path, "r") else {
        throw .system(operation: "open", subject: path, errno: errno, hint: "mount /proc")
    }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 64)
    guard fgets(&text, 64, file) != nil else {
        throw .system(operation: "read", subject: path, errno: errno, hint: "mount /proc")
    }
    return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension SerialFormat {
    /// As the bench file says it.
    init(bitsPerSecond: Int, parity: LinkSpec.Parity = .none, stopBits: Int = 1) throws(PlatformError) {
        guard let baud = BaudRate(rawValue: bitsPerSecond), let stop = StopBits(rawValue: stopBits) else {
            throw .invalid(
                subject: "serial line", value: "\(bitsPerSecond) baud, \(stopBits) stop bits",
                expected: "a rate and stop bits that `flowlabctl config check` takes")
        }
        let parity: Parity =
            switch parity {
            case .none: .none
            case .even: .even
            case .odd: .odd
            }
        self.init(baud: baud, parity: parity, stopBits: stop)
    }
}

extension BenchSnapshot {
    /// What is shown before the loop's first step.
    static func empty(at now: Moment) -> BenchSnapshot {
        BenchSnapshot(
            at: now, devices: [], readings: [], interlocks: [], running: nil, queued: [], held: [],
            heldBecause: "starting",
            alarms: [], ledger: LedgerView(syringes: [], wasteCapacityUL: 0, waste: .init()), references: [])
    }
}
