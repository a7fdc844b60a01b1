import CLinux
import Glibc

/// epoll with one timer and the two signals that end the program.
final class EventLoop {
    private let epoll: Int32
    private let timer: Int32
    private let signals: Int32

    init() throws(SystemFailure) {
        epoll = try check(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1")
        timer = try check(
            timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC)), "timerfd")
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGTERM)
        sigaddset(&mask, SIGINT)
        sigprocmask(SIG_BLOCK, &mask, nil)
        signal(SIGPIPE, SIG_IGN)
        signals = try check(signalfd(-1, &mask, Int32(SFD_NONBLOCK | SFD_CLOEXEC)), "signalfd")
        try watch(timer)
        try watch(signals)
    }

    /// What happened on one descriptor.
    struct Event {
        var descriptor: Int32
        var isWritable: Bool
        var isReadable: Bool
    }

    enum Wake {
        case events([Event])
        case end
    }

    func watch(_ descriptor: Int32, output: Bool = false) throws(SystemFailure) {
        try control(EPOLL_CTL_ADD, descriptor, output: output)
    }

    /// Whether room for output is of interest.
    func change(_ descriptor: Int32, output: Bool) throws(SystemFailure) {
        try control(EPOLL_CTL_MOD, descriptor, output: output)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, output: Bool) throws(SystemFailure) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (output ? EPOLLOUT.rawValue : 0)
        event.data.fd = descriptor
        try check(epoll_ctl(epoll, operation, descriptor, &event), "epoll_ctl", "\(descriptor)")
    }

    /// Wakes at that time of the monotonic clock, in nanoseconds.
    func wake(at nanoseconds: Int64) {
        let at = max(nanoseconds, 1)
        var setting = itimerspec()
        setting.it_value = timespec(tv_sec: Int(at / 1_000_000_000), tv_nsec: Int(at % 1_000_000_000))
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    func wait() -> Wake {
        var buffer = [epoll_event](repeating: epoll_event(), count: 64)
        let count = epoll_wait(epoll, &buffer, Int32(buffer.count), -1)
        var events: [Event] = []
        for event in buffer.prefix(max(0, Int(count))) {
            let descriptor = event.data.fd
            if descriptor == signals { return .end }
            if descriptor == timer {
                var expirations: UInt64 = 0
                _ = read(timer, &expirations, 8)
                continue
            }
            let isWritable = event.events & EPOLLOUT.rawValue != 0
            let isReadable = event.events & ~EPOLLOUT.rawValue != 0
            events.append(Event(descriptor: descriptor, isWritable: isWritable, isReadable: isReadable))
        }
        return .events(events)
    }
}

/// The monotonic clock, in nanoseconds.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The wall clock, in nanoseconds since 1970.
func wallNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
