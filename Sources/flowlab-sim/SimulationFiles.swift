import Glibc
import VirtualBench
import Wire

/// The files of a simulation's directory.
final class SimulationFiles {
    let directory: String
    private var truthDescriptor: Int32 = -1
    private var hasLost = false

    var faults: String { directory + "/faults.sock" }
    var truth: String { directory + "/truth.jsonl" }
    private var endpoints: String { directory + "/endpoints.json" }

    /// The name under which a device's terminal is found.
    func terminal(_ link: String) -> String {
        directory + "/" + String(link.map { $0 == "_" ? "-" : $0 })
    }

    /// Makes the directory, with what leads to it; a relative one is made absolute, as its name goes to others.
    init(directory: String) throws(SystemFailure) {
        var path = ""
        for part in directory.split(separator: "/") {
            path += directory.hasPrefix("/") || !path.isEmpty ? "/\(part)" : String(part)
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw SystemFailure(call: "mkdir", subject: path, number: errno)
            }
        }
        guard let absolute = realpath(directory, nil) else {
            throw SystemFailure(call: "realpath", subject: directory, number: errno)
        }
        defer { free(absolute) }
        self.directory = String(cString: absolute)
    }

    /// Starts the truth log anew, and takes away the notice of an earlier simulation.
    func openTruth() throws(SystemFailure) {
        unlink(endpoints)
        truthDescriptor = try check(
            open(truth, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644), "open", truth)
    }

    func write(_ records: [TruthRecord]) {
        guard !records.isEmpty else { return }
        var bytes: [UInt8] = []
        for record in records {
            bytes += record.jsonLine.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let count = transmit(truthDescriptor, rest) else { return reportLoss(errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Says once that the truth log has a hole.
    private func reportLoss(_ number: Int32) {
        guard !hasLost else { return }
        hasLost = true
        let failure = SystemFailure(call: "write", subject: truth, number: number)
        _ = transmit(STDERR_FILENO, Array("flowlab-sim: \(failure); truth is being lost\n".utf8)[...])
    }

    /// Readers see the old notice or the new one, never a half.
    func writeEndpoints(_ members: [String: JSONValue]) throws(SystemFailure) {
        let temporary = endpoints + ".new"
        let descriptor = try check(open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644), "open", temporary)
        defer { close(descriptor) }
        let bytes = FaultLine.encoded(.object(members))
        guard transmit(descriptor, bytes[...]) == bytes.count else {
            throw SystemFailure(call: "write", subject: temporary, number: errno)
        }
        try check(rename(temporary, endpoints), "rename", endpoints)
    }
}
