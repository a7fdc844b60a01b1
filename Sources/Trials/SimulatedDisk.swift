import CMemoryDisk

/// A disk in memory for the archive's SQLite: it can be full, broken or without power. For one thread.
final class SimulatedDisk {
    /// The name under which SQLite knows it.
    let name: String
    private let disk: OpaquePointer

    /// - Parameter name: not yet used in this process.
    init(name: String) {
        guard let disk = memory_disk_new(name) else { preconditionFailure("no memory for a simulated disk") }
        self.name = name
        self.disk = disk
    }

    deinit { memory_disk_free(disk) }

    var isBroken = false { didSet { memory_disk_set_broken(disk, isBroken ? 1 : 0) } }

    /// From now on nothing more fits; what may still grow is a page or two.
    var isFull = false {
        didSet { memory_disk_set_room(disk, isFull ? memory_disk_used(disk) + Int64(Self.crumb) : -1) }
    }

    private static let crumb = 8192

    /// What a killed process leaves: its files are closed without another write.
    func whileFrozen(_ body: () -> Void) {
        memory_disk_set_frozen(disk, 1)
        body()
        memory_disk_set_frozen(disk, 0)
    }

    /// Of what was written since the last sync some is lost. Nothing may be open.
    func cutPower(seed: UInt64) { memory_disk_cut_power(disk, seed) }
}
