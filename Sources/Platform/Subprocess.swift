import CLinux
import Glibc
import Quantities

/// Runs a program to its end: apart from the daemon in its own process group, without its descriptors but for standard
/// output and error, and not for ever.
public enum Subprocess {
    /// How it ended.
    public enum Outcome: Equatable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It took longer than it may; it and its group were killed.
        case timedOut
    }

    /// Waits for the end on the calling thread.
    /// - Parameters:
    ///   - command: the absolute path of the program, then its arguments.
    ///   - environment: added to the daemon's own.
    public static func run(
        _ command: [String], environment: [(name: String, value: String)], timeout: WireDuration
    ) throws(PlatformError) -> Outcome {
        let process = try start(command, environment)
        let hasEnded = waits(for: process, upTo: timeout)
        if !hasEnded { kill(-process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return hasEnded ? outcome(status) : .timedOut
    }

    /// - Returns: whether it ended in time.
    private static func waits(for process: pid_t, upTo timeout: WireDuration) -> Bool {
        let descriptor = pidfd_open(process, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return retryingInterrupts { poll(&asked, 1, Int32(timeout.seconds * 1000)) } > 0
    }

    private static func outcome(_ status: Int32) -> Outcome {
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func start(
        _ command: [String], _ environment: [(name: String, value: String)]
    ) throws(PlatformError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let added = environment.map { "\($0.name)=\($0.value)" }
        var process: pid_t = 0
        let result = withCStrings(command) { arguments in
            withCStrings(inherited + added) { variables in
                posix_spawn(&process, command[0], &actions, &attributes, arguments, variables)
            }
        }
        guard result == 0 else {
            throw .system(
                operation: "run", subject: command[0], errno: result,
                hint: "notify of [alarms] names it; it must be there and be executable for the daemon's user")
        }
        return process
    }

    private static var inherited: [String] {
        var texts: [String] = []
        var next = environ
        while let text = next.pointee {
            texts.append(String(cString: text))
            next += 1
        }
        return texts
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
