import Glibc
import Platform
import Testing

@Suite struct PlatformHotplugTests {
    @Test func aQuietBenchHasNoEventsAndNeverBlocks() throws {
        let monitor = try HotplugMonitor()
        #expect(fcntl(monitor.rawDescriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(monitor.next() == nil)
    }
}
