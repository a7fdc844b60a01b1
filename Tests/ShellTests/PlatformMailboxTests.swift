import Platform
import Quantities
import Synchronization
import Testing

@Suite struct PlatformMailboxTests {
    @Test func aFullMailboxRefusesAndCounts() throws {
        let box = try Mailbox<Int>(name: "to-archive", capacity: 2, overflow: .refuse)
        #expect(box.post(1) == .accepted)
        #expect(box.post(2) == .accepted)
        #expect(box.post(3) == .full)
        #expect(box.dropped == 1)
        #expect(box.highWater == 2)
        #expect(box.drain(max: 10) == [1, 2])
        #expect(box.post(4) == .accepted)
        #expect(box.drain(max: 10) == [4])
        #expect(box.highWater == 2)
    }

    @Test func theOldestMakesRoomWhereThatIsTheRule() throws {
        let box = try Mailbox<Int>(name: "readings", capacity: 3, overflow: .dropOldest)
        for number in 1...7 { #expect(box.post(number) == .accepted) }
        #expect(box.dropped == 4)
        #expect(box.drain(max: 10) == [5, 6, 7])
    }

    @Test func whatADrainLeavesKeepsTheConsumerAwake() throws {
        let box = try Mailbox<Int>(name: "requests", capacity: 8, overflow: .refuse)
        for number in 0..<5 { _ = box.post(number) }
        #expect(box.drain(max: 2) == [0, 1])
        #expect(box.wait(timeout: .zero))
        #expect(box.drain(max: 3) == [2, 3, 4])
        #expect(!box.wait(timeout: .zero))
    }

    @Test func everyElementOfAnotherThreadArrivesInOrder() throws {
        let total = 20_000
        let box = try Mailbox<Int>(name: "crossing", capacity: 16, overflow: .refuse)
        let room = try WakeEvent()
        let poster = try WorkerThread(name: "poster") {
            for number in 0..<total {
                while box.post(number) == .full { _ = room.wait(timeout: patience) && room.clear() }
            }
        }
        var next = 0
        while next < total, box.wait(timeout: patience) {
            box.drain(max: 5) { number in
                #expect(number == next)
                next += 1
            }
            room.signal()
        }
        poster.join()
        #expect(next == total)
        #expect(box.highWater <= 16)
    }

    @Test func wakeUpsMergeAndAreTakenOnce() throws {
        let wake = try WakeEvent()
        #expect(!wake.clear())
        wake.signal()
        wake.signal()
        #expect(wake.wait(timeout: patience))
        #expect(wake.clear())
        #expect(!wake.wait(timeout: .zero))
    }
}

@Suite struct PlatformThreadTests {
    @Test func aThreadRunsUnderItsNameAndIsJoined() throws {
        let seen = Mutex("")
        let thread = try WorkerThread(name: "modbus-heater-of-bench") {
            seen.withLock { $0 = currentThreadName() }
        }
        thread.join()
        thread.join()
        #expect(seen.withLock { $0 } == "modbus-heater-o")
        #expect(thread.scheduling == .granted(.normal))
    }

    @Test func aRealTimeWishIsGrantedOrExplained() throws {
        let thread = try WorkerThread(name: "fifo", policy: .realtimeFIFO(priority: 1)) {}
        thread.join()
        switch thread.scheduling {
        case .granted(let policy): #expect(policy == .realtimeFIFO(priority: 1))
        case .refused(let reason): #expect(reason.contains("LimitRTPRIO"))
        }
    }

    @Test func aTooSmallStackIsRefused() {
        let error = failure { () throws(PlatformError) in _ = try WorkerThread(name: "tiny", stackBytes: 100) {} }
        #expect(error?.description == "stack of thread tiny is '100 bytes', expected 16 KiB or more")
    }

    @Test func theStackIsTouchedWithinItsBounds() throws {
        let thread = try WorkerThread(name: "prefault", stackBytes: 256 * 1024) { prefaultStack(bytes: 128 * 1024) }
        thread.join()
    }
}
