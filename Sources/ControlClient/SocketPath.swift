import FoundationEssentials
import Glibc

/// Which daemon a command speaks to.
public enum SocketPath {
    public static let directory = "/run/flowlab"
    public static let variable = "FLOWLAB_SOCKET"

    /// The path given, else the environment's, else the only socket below `/run/flowlab`.
    public static func find(_ given: String?) throws(ClientError) -> String {
        if let given { return given }
        if let named = getenv(variable), named.pointee != 0 { return String(cString: named) }
        let benches = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let sockets = benches.sorted().map { "\(directory)/\($0)/control.sock" }.filter {
            FileManager.default.fileExists(atPath: $0)
        }
        if sockets.count == 1 { return sockets[0] }
        let found = sockets.isEmpty ? "there is none" : "there are \(sockets.joined(separator: ", "))"
        throw .cannotConnect(
            socket: "\(directory)/*/control.sock",
            detail: "\(found); name one with --socket PATH or \(variable), or start the daemon")
    }
}
