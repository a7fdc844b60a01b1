import Glibc
import Platform
import Quantities
import Testing

@Suite struct PlatformLoopTests {
    /// In their order as long as the loop is not held up; of two that are both over, either may come first.
    @Test func deadlinesFireOnceEachAndNeverEarly() throws {
        let loop = try EventLoop()
        let start = wireNow()
        var order: [Int] = []
        var timers: [DeadlineSource] = []
        for (place, microseconds) in [3000, 1000, 2000].enumerated() {
            let due = start + WireDuration(nanoseconds: Int64(microseconds) * 1000)
            let timer = try loop.addDeadline { now in
                #expect(now >= due)
                order.append(microseconds)
                if order.count == 3 { loop.exit(code: 7) }
            }
            timer.arm(at: due)
            #expect(place == timers.count)
            timers.append(timer)
        }
        #expect(try loop.run() == 7)
        #expect(order.sorted() == [1000, 2000, 3000])
    }

    @Test func aDeadlineFiresOnceAndCanBeArmedAgainOrDisarmed() throws {
        let loop = try EventLoop()
        var ticks = 0
        let never = try loop.addDeadline { _ in Issue.record("a disarmed deadline fired") }
        never.arm(at: wireNow() + .milliseconds(1))
        never.disarm()
        let removed = try loop.addDeadline { _ in Issue.record("a removed deadline fired") }
        removed.arm(at: .zero)
        removed.remove()
        var timer: DeadlineSource?
        timer = try loop.addDeadline { now in
            ticks += 1
            if ticks == 5 { loop.exit(code: 0) } else { timer?.arm(at: now + .milliseconds(1)) }
        }
        timer?.arm(at: .zero)
        #expect(try loop.run() == 0)
        #expect(ticks == 5)
    }

    @Test func aDescriptorIsWatchedModifiedAndRemoved() throws {
        let loop = try EventLoop()
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let near = FileDescriptorOwner(owning: pair[0])
        let far = FileDescriptorOwner(owning: pair[1])
        var seen: [String] = []
        var source: IOSource?
        let (nearRaw, farRaw) = (near.raw, far.raw)
        source = try loop.addIO(nearRaw, .writable) { events in
            do {
                if events.contains(.hangup) {
                    seen.append("hangup")
                    source?.remove()
                    loop.exit(code: 0)
                } else if events.contains(.writable) {
                    seen.append("writable")
                    try source?.modify(.readable)
                    write(farRaw, "x", 1)
                } else if events.contains(.readable) {
                    seen.append("readable")
                    var byte: UInt8 = 0
                    read(nearRaw, &byte, 1)
                    shutdown(farRaw, Int32(SHUT_RDWR))
                }
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(try loop.run() == 0)
        #expect(seen == ["writable", "readable", "hangup"])
    }

    @Test func aSignalReachesTheLoop() throws {
        let loop = try EventLoop()
        var count = 0
        try loop.addSignal(SIGUSR2) {
            count += 1
            loop.exit(code: 3)
        }
        pthread_kill(pthread_self(), SIGUSR2)
        #expect(try loop.run() == 3)
        #expect(count == 1)
    }

    @Test func anotherThreadWakesTheLoop() throws {
        let loop = try EventLoop()
        let wake = try WakeEvent()
        try loop.addWake(wake) { loop.exit(code: 0) }
        let thread = try WorkerThread(name: "waker") { wake.signal() }
        #expect(try loop.run() == 0)
        thread.join()
    }

    @Test func aClosedDescriptorCannotBeWatched() throws {
        let loop = try EventLoop()
        let error = failure { () throws(PlatformError) in try loop.addIO(1_000_000, .readable) { _ in } }
        #expect(error?.errnoCode == EBADF)
    }

    @Test func epollReportsTokens() throws {
        var epoll = try Epoll()
        let (one, two) = (try WakeEvent(), try WakeEvent())
        try epoll.add(one.rawDescriptor, .readable, token: 11)
        try epoll.add(two.rawDescriptor, .readable, token: 22)
        two.signal()
        var seen: [UInt64] = []
        try epoll.wait(timeout: patience) { seen.append($0.token) }
        #expect(seen == [22])
        try epoll.modify(two.rawDescriptor, [], token: 22)
        try epoll.remove(one.rawDescriptor)
        one.signal()
        try epoll.wait(timeout: .zero) { seen.append($0.token) }
        #expect(seen == [22])
    }
}
