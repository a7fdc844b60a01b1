import DeviceModel
import Drivers
import Quantities

/// One device of the bench file, with its driver made.
public struct DeviceDefinition: Sendable {
    public let name: DeviceName
    public let deviceClass: DeviceClass
    /// The driver's id in the catalog.
    public let driverID: String
    public let link: LinkName
    public let driver: any Driver

    public init(name: DeviceName, deviceClass: DeviceClass, driverID: String, link: LinkName, driver: any Driver) {
        self.name = name
        self.deviceClass = deviceClass
        self.driverID = driverID
        self.link = link
        self.driver = driver
    }
}

/// The core's times; all are link time, because they judge links.
public struct CoreLimits: Hashable, Sendable {
    /// A signal older than this is stale.
    public var staleAfter: WireDuration
    /// A trip's effect must be read back within this, else it escalates.
    public var verifyWithin: WireDuration
    /// Wait before a lost link is opened again; doubles up to the longest.
    public var reconnectFirst: WireDuration
    public var reconnectLongest: WireDuration

    /// The longest wait where a device has not shown the safe state that it is owed.
    static let reconnectOwed = WireDuration.seconds(2)
    /// From one try to the next where the host says that the port is there: a loose plug says so many times a second.
    static let presentPause = WireDuration.milliseconds(250)

    public init(
        staleAfter: WireDuration, verifyWithin: WireDuration, reconnectFirst: WireDuration,
        reconnectLongest: WireDuration
    ) {
        self.staleAfter = staleAfter
        self.verifyWithin = verifyWithin
        self.reconnectFirst = reconnectFirst
        self.reconnectLongest = reconnectLongest
    }
}
