import Glibc
import Platform
import Testing

@Suite struct PlatformHotplugTests {
    @Test func aQuietBenchHasNoEventsAndNeverBlocks() throws {
        let monitor = try HotplugMonitor()
        #expect(fcntl(monitor.rawDescriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(monitor.next() == nil)
    }

    /// A bench file names a node, a name that udev made, or a link of somebody's own.
    @Test func anEventIsKnownByEachNameOfItsDevice() throws {
        let line = try PseudoTerminal()
        let own = "/tmp/flowlab-hotplug-\(getpid())"
        #expect(symlink(line.path, own) == 0)
        defer { unlink(own) }
        let event = HotplugMonitor.Event(
            action: .added, node: line.path, links: ["/dev/flowlab/pump-cui"], serialNumber: nil)
        for path in [line.path, "/dev/flowlab/pump-cui", own] { #expect(event.concerns(path), "\(path)") }
        for path in ["/dev/flowlab/pump-cu", "/dev/ttyUSB77", own + "-gone"] {
            #expect(!event.concerns(path), "\(path)")
        }
    }
}
