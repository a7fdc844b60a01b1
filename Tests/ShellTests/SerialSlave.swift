import Glibc
import Platform
import Synchronization

/// A unit at the device's end of a serial line. What it does with each question is the test's choice.
final class SerialSlave: Sendable {
    /// The n-th question since the start, from 0, and its bytes; what is sent is the answer.
    typealias Behaviour = @Sendable (Int, [UInt8]) -> [UInt8]

    let path: String
    private let terminal: PseudoTerminal
    private let behaviour: Behaviour
    private let ending: WakeEvent
    private let asked = Mutex<[(question: [UInt8], at: Int64)]>([])
    private let thread = Mutex<WorkerThread?>(nil)

    init(_ behaviour: @escaping Behaviour) throws {
        terminal = try PseudoTerminal()
        path = terminal.path
        ending = try WakeEvent()
        self.behaviour = behaviour
        let started = try WorkerThread(name: "serial-slave") { [unowned self] in serve() }
        thread.withLock { $0 = started }
    }

    /// Every question so far, with its check sum.
    var questions: [[UInt8]] { asked.withLock { $0.map(\.question) } }
    /// When each came, in nanoseconds of the wire's clock.
    var times: [Int64] { asked.withLock { $0.map(\.at) } }

    func stop() {
        ending.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func serve() {
        var buffer: [UInt8] = []
        var entries = [
            pollfd(fd: terminal.rawDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending.rawDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&entries, 2, -1) > 0, entries[1].revents == 0 {
            var chunk = [UInt8](repeating: 0, count: 256)
            guard case .bytes(let count)? = try? terminal.read(into: &chunk) else { continue }
            buffer += chunk[..<count]
            while buffer.count >= 8 {
                let length = buffer[1] == 16 ? 9 + Int(buffer[6]) : 8
                guard buffer.count >= length else { break }
                answer(Array(buffer[..<length]))
                buffer.removeFirst(length)
            }
        }
    }

    private func answer(_ question: [UInt8]) {
        let number = asked.withLock { asked in
            asked.append((question, wireNow().nanoseconds))
            return asked.count - 1
        }
        let reply = behaviour(number, question)
        if !reply.isEmpty { _ = try? terminal.write(reply) }
    }
}

/// Frames of Modbus RTU, made without the code under test.
enum SerialFrames {
    static func checkSum(_ bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.reduce(UInt16(0xffff)) { register, byte in
            (0..<8).reduce(register ^ UInt16(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xa001 : value >> 1 }
        }
        return [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)]
    }

    static func whole(_ bytes: [UInt8]) -> [UInt8] { bytes + checkSum(bytes) }

    /// The answer of a unit whose register N holds N and takes every write.
    static func honest(_ question: [UInt8]) -> [UInt8] {
        guard question[1] == 3 else { return whole(Array(question[..<6])) }
        let words = registers(question)
        return whole([question[0], 3, UInt8(2 * words.count)] + words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
    }

    /// What a good answer to this question holds.
    static func registers(_ question: [UInt8]) -> [UInt16] {
        let address = UInt16(question[2]) << 8 | UInt16(question[3])
        return (0..<UInt16(question[5])).map { address + $0 }
    }
}
