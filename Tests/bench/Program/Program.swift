import Glibc
import Quantities

/// Parts of the daemon alone, for `make bench`: what has no door of its own in a running one. It is not installed.
@main enum Program {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            complain("\(error)")
            exit(1)
        }
    }

    private static func run(_ words: [String]) throws {
        switch (words.first, words.count) {
        case ("archive-write", 4):
            print(try ArchiveLoad(path: words[1], perSecond: try number(words[2])).run(seconds: try number(words[3])))
        case ("archive-read", 4):
            guard let nanoseconds = Int64(words[2]) else { throw Trouble(text: "\(words[2]) is no time") }
            let questions = try ArchiveQuestions(path: words[1], newest: WallInstant(nanoseconds: nanoseconds))
            print(try questions.run(rounds: Int(try number(words[3]))))
        case ("modbus", 4):
            let load = try ModbusLoad(port: UInt16(try number(words[1])), ahead: Int(try number(words[2])))
            print(try load.run(seconds: try number(words[3])))
        default:
            complain(
                """
                usage: flowlab-bench archive-write FILE READINGS-A-SECOND SECONDS
                       flowlab-bench archive-read FILE NEWEST-NS ROUNDS
                       flowlab-bench modbus PORT REQUESTS-THAT-WAIT SECONDS
                Each prints one JSON line.
                """)
            exit(2)
        }
    }

    private static func number(_ word: String) throws -> Double {
        guard let value = Double(word), (0...1e9).contains(value) else { throw Trouble(text: "\(word) is no number") }
        return value
    }

    private static func complain(_ text: String) {
        let bytes = Array("flowlab-bench: \(text)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

struct Trouble: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// CPU time of the calling thread, in seconds.
func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func pause(_ span: WireDuration) {
    var whole = timespec(
        tv_sec: time_t(span.nanoseconds / 1_000_000_000), tv_nsec: Int(span.nanoseconds % 1_000_000_000))
    nanosleep(&whole, nil)
}
