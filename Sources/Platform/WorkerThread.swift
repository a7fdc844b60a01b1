import CSystemd
import Glibc
import Synchronization

/// How the kernel schedules a thread.
public enum SchedulingPolicy: Equatable, Sendable {
    /// The ordinary time-sharing policy.
    case normal
    /// `SCHED_FIFO` at this priority (1…99) where `LimitRTPRIO` permits it.
    case realtimeFIFO(priority: Int32)
}

/// What the kernel made of the wish.
public enum SchedulingGrant: Equatable, Sendable {
    case granted(SchedulingPolicy)
    /// The thread runs at the normal policy; why the wish was refused, and what would grant it.
    case refused(reason: String)
}

/// One named thread, a real one: no tasks, no pool. It is joined, never killed.
public final class WorkerThread: Sendable {
    /// The kernel keeps 15 bytes of a thread's name.
    public static let longestName = 15
    public static let defaultStackBytes = 512 * 1024

    public let name: String
    public let scheduling: SchedulingGrant
    private let thread: Mutex<pthread_t?>

    /// Starts `body` on a new thread.
    /// - Parameters:
    ///   - name: seen in `top -H` and in the journal; cut to `longestName` bytes there.
    ///   - policy: a wish. It is never inherited from the starting thread, and a refusal is reported, not thrown.
    ///   - stackBytes: small on purpose, since locked memory counts stacks; page-rounded by the caller's choice.
    public init(
        name: String, policy: SchedulingPolicy = .normal, stackBytes: Int = WorkerThread.defaultStackBytes,
        body: @escaping @Sendable () -> Void
    ) throws(PlatformError) {
        let start = ThreadStart(name: name, policy: policy, readiness: try WakeEvent(), body: body)
        let started = try start.launch(stackBytes: stackBytes)
        thread = Mutex(started)
        self.name = name
        scheduling = start.waitForGrant()
    }

    deinit {
        if let left = thread.withLock({ $0 }) { pthread_detach(left) }
    }

    /// Waits for the body's end. A second call returns at once. Not from the thread itself.
    public func join() {
        guard let joined = thread.withLock({ $0.take() }) else { return }
        precondition(pthread_equal(joined, pthread_self()) == 0, "a thread cannot join itself")
        pthread_join(joined, nil)
    }

    /// Sets the policy of the calling thread, for the one that `main` started.
    public static func setCurrentPolicy(_ policy: SchedulingPolicy) -> SchedulingGrant {
        setPolicy(policy, of: pthread_self())
    }

    /// Names the calling thread; the main thread's name is the process's.
    public static func nameCurrent(_ name: String) {
        pthread_setname_np(pthread_self(), String(decoding: name.utf8.prefix(longestName), as: UTF8.self))
    }
}

/// What a new thread does first: it names itself and sets its own policy, and only then runs its body, so that nothing
/// of the body runs under another's priority.
private final class ThreadStart: Sendable {
    private let name: String
    private let policy: SchedulingPolicy
    private let readiness: WakeEvent
    private let grant = Mutex<SchedulingGrant>(.refused(reason: "not started"))
    private let body: @Sendable () -> Void

    init(name: String, policy: SchedulingPolicy, readiness: WakeEvent, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.policy = policy
        self.readiness = readiness
        self.body = body
    }

    func launch(stackBytes: Int) throws(PlatformError) -> pthread_t {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, stackBytes) == 0 else {
            throw .invalid(subject: "stack of thread \(name)", value: "\(stackBytes) bytes", expected: "16 KiB or more")
        }
        let retained = Unmanaged.passRetained(self)
        var made = pthread_t()
        let code = pthread_create(
            &made, &attributes,
            { data in
                if let data { Unmanaged<ThreadStart>.fromOpaque(data).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw .system(operation: "start", subject: "thread \(name)", errno: code, hint: "raise TasksMax or memory")
        }
        return made
    }

    func waitForGrant() -> SchedulingGrant {
        _ = readiness.wait(timeout: nil)
        return grant.withLock { $0 }
    }

    private func run() {
        WorkerThread.nameCurrent(name)
        let granted = setPolicy(policy, of: pthread_self())
        grant.withLock { $0 = granted }
        readiness.signal()
        body()
    }
}

private func setPolicy(_ policy: SchedulingPolicy, of thread: pthread_t) -> SchedulingGrant {
    var parameters = sched_param()
    var number = SCHED_OTHER
    if case .realtimeFIFO(let priority) = policy {
        number = SCHED_FIFO
        parameters.sched_priority = priority
    }
    let code = pthread_setschedparam(thread, number, &parameters)
    if code == 0 { return .granted(policy) }
    return .refused(reason: "\(errnoText(code)); grant CAP_SYS_NICE or LimitRTPRIO (1…99) in the unit")
}
