import CLinux
import Glibc
import Quantities

/// What another program says, for programs that look at the host.
public enum ProgramOutput {
    static let mostBytes = 1 << 20

    /// Its standard output once it has ended with 0; nil when it is not there, fails, or takes longer than `timeout`.
    /// - Parameter command: the absolute path, then the arguments; no shell reads them.
    public static func text(of command: [String], timeout: WireDuration) -> String? {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        let reading = FileDescriptorOwner(owning: ends[0])
        let process = start(command, output: ends[1])
        close(ends[1])
        guard let process else { return nil }
        let bytes = read(reading.raw, until: wireNow() + timeout)
        if bytes == nil { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? bytes.map { String(decoding: $0, as: UTF8.self) } : nil
    }

    private static func start(_ command: [String], output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let copies = command.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var process: pid_t = 0
        return posix_spawn(&process, command[0], &actions, nil, copies + [nil], environ) == 0 ? process : nil
    }

    /// nil when the time was over first.
    private static func read(_ descriptor: Int32, until deadline: WireInstant) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < mostBytes {
            guard waitUntilReady(descriptor, for: Int16(POLLIN), timeout: max(.zero, deadline - wireNow())) else {
                return nil
            }
            let count = retryingInterrupts { Glibc.read(descriptor, &chunk, chunk.count) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
