import DeviceModel
import Quantities

/// How a driver's bytes travel.
public enum Transport: String, Sendable {
    case serial, tcp, modbus
    /// A folder that another program writes into, asked as `Wire.FolderRequest` says.
    case folder
}

/// What is known of a driver before one is made.
public struct DriverEntry: Sendable {
    /// As the bench file says it: `driver = "chemyx-fusion"`.
    public let id: String
    public let deviceClass: DeviceClass
    public let transports: [Transport]
    /// It is a channel of a board, or several, and shares that one's link.
    public let isOnBoard: Bool
    /// How far it has been proven, in words: "simulated wire", "vendor's client", "hardware".
    public let maturity: String
    public let settings: [SettingSpec]
    /// The quantities of a device with these settings, where they are not those of its whole class: an interlock can be
    /// checked before anything runs.
    public let signals: (@Sendable (DriverSettings) -> [DriverSignal])?
    /// What is wrong with settings that are each right by themselves; `make` gets only those that earn nothing here.
    public let problems: @Sendable (DriverSettings) -> [SettingProblem]
    public let make: @Sendable (DeviceName, DriverSettings) -> any Driver

    public init(
        id: String, deviceClass: DeviceClass, transports: [Transport], isOnBoard: Bool = false, maturity: String,
        settings: [SettingSpec],
        signals: (@Sendable (DriverSettings) -> [DriverSignal])? = nil,
        problems: @escaping @Sendable (DriverSettings) -> [SettingProblem] = { _ in [] },
        make: @escaping @Sendable (DeviceName, DriverSettings) -> any Driver
    ) {
        self.id = id
        self.deviceClass = deviceClass
        self.transports = transports
        self.isOnBoard = isOnBoard
        self.maturity = maturity
        self.settings = settings
        self.signals = signals
        self.problems = problems
        self.make = make
    }
}

/// A quantity that a driver publishes, by the end of its name: `position` of `valve.feed.position`.
public struct DriverSignal: Hashable, Sendable {
    public let quantity: String
    public let unit: Unit

    public init(_ quantity: String, _ unit: Unit) {
        self.quantity = quantity
        self.unit = unit
    }
}

/// Every driver is one line here and one folder beside this file.
public enum DriverCatalog {
    public static let entries: [DriverEntry] = [
        ChemyxFusion.entry,
        WatlowF4T.entry,
        WatlowF4T.ezZoneEntry,
        OceanHDX.entry,
        ModbusIO.entry,
        ViciValco.entry,
        UniversalRobots.entry,
        URDashboard.entry,
        DobotMagician.entry,
        RunzeSV06.entry,
        IsmatecRegloICC.entry,
        Alicat.entry,
        BronkhorstProPar.entry,
        ThorlabsDC4100.entry,
        JascoCD.entry,
        FlowlabBoard.entry,
        BoardGasValve.entry,
        BoardPeristalticPump.entry,
        BoardHeater.entry,
        BoardStepper.entry,
        BoardIO.entry,
    ]

    public static func entry(_ id: String) -> DriverEntry? { entries.first { $0.id == id } }
}
