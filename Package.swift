// swift-tools-version: 6.2
import PackageDescription

/// One rule for the whole package: Swift 6 mode, and a warning is an error.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// The layers, bottom to top. A target may import only what is listed beside it, and nothing here points up;
/// `make check` fails on an import that is not declared.
let package = Package(
    name: "flowlab",
    targets: [
        // C: thin doors to Debian's libraries.
        .systemLibrary(
            name: "CSystemd", path: "Sources/C/CSystemd", pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "CUdev", path: "Sources/C/CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
        .systemLibrary(
            name: "CModbus", path: "Sources/C/CModbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/C/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/C/CLinux"),
        .target(
            name: "CHostDisk", dependencies: ["CSQLite"], path: "Sources/C/CHostDisk",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra"])]),
        .target(
            name: "CTomlPlusPlus", path: "Sources/C/CTomlPlusPlus",
            cxxSettings: [.unsafeFlags(["-std=c++17", "-Wno-deprecated-declarations"])],
            linkerSettings: [.linkedLibrary("stdc++")]),

        // The core of a board's firmware, as the boards have it.
        .target(
            name: "CBoardFirmware", path: "firmware-protocol/core",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra"])]),

        // Base.
        layer("Quantities", []),
        layer("Wire", []),
        layer("RealMath", []),
        layer("Usage", ["Wire"]),

        // The protocol to boards of our own firmware: messages made from its dictionary, frames, and the board's clock.
        layer("BoardProtocol", ["Quantities", "Wire"]),

        // Model and safety.
        layer("DeviceModel", ["Quantities"]),
        layer("Interlocks", ["Quantities", "DeviceModel"]),

        // Drivers.
        layer("Drivers", ["Quantities", "Wire", "BoardProtocol", "DeviceModel", "Interlocks"]),

        // Science.
        layer("Hydraulics", ["Quantities"]),
        layer("SteadyState", ["Quantities", "RealMath"]),
        layer("Spectra", ["Quantities", "RealMath"]),

        // Core and engine.
        layer("ControlCore", ["Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers"]),
        layer(
            "Experiments",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "Hydraulics", "SteadyState", "Spectra",
                "ControlCore",
            ]),

        // What the host's journal says of all that, in words and fields.
        layer("Journal", ["Quantities", "Wire", "DeviceModel", "Interlocks", "Experiments"]),

        // Shell: the only code that touches the world.
        layer("Platform", ["Quantities", "CSystemd", "CUdev", "CLinux"]),
        layer("ModbusLink", ["Quantities", "DeviceModel", "Interlocks", "Drivers", "Platform", "CModbus"]),
        layer("Archive", ["Quantities", "Wire", "DeviceModel", "Interlocks", "Experiments", "CSQLite", "CHostDisk"]),
        layer(
            "Configuration",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "Hydraulics", "ControlCore",
                "Experiments",
                "Usage", "CTomlPlusPlus",
            ]),

        // Server.
        layer("ControlAPI", ["Quantities", "Wire", "DeviceModel", "Interlocks", "ControlCore", "Experiments"]),
        layer(
            "ControlServer",
            ["Quantities", "Wire", "DeviceModel", "Interlocks", "ControlCore", "Experiments", "ControlAPI"]),
        layer("ControlClient", ["Quantities", "Wire", "Platform", "Experiments", "ControlAPI"]),

        // Flight recorder: the format is pure, its files are not.
        layer(
            "Recording",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "ControlCore", "Experiments",
                "ControlAPI",
            ]),
        layer(
            "RecordingFiles",
            ["Quantities", "DeviceModel", "Experiments", "ControlAPI", "Recording", "Platform"]),

        // Bench: simulated devices below the wire; imports no driver.
        layer("VirtualBench", ["Quantities", "Wire", "RealMath", "CBoardFirmware"]),

        // The whole pure daemon against the virtual bench, under a virtual clock.
        layer(
            "Simulation",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "ControlCore", "Experiments",
                "VirtualBench",
            ]),

        // The whole daemon with its archive and its clients, under a virtual clock and all that can go wrong.
        .target(
            name: "CMemoryDisk", dependencies: ["CSQLite"], path: "Sources/C/CMemoryDisk",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra"])]),
        layer(
            "Trials",
            [
                "Quantities", "Wire", "RealMath", "DeviceModel", "Interlocks", "Drivers", "ControlCore", "Experiments",
                "Archive", "ControlAPI", "ControlServer", "VirtualBench", "Simulation", "CMemoryDisk",
            ]),

        // Executables.
        program(
            "flowlabd",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "Spectra", "ControlCore", "Experiments",
                "Platform", "ModbusLink", "Archive", "Configuration", "ControlAPI", "ControlServer", "Usage",
                "Recording", "RecordingFiles", "Journal",
            ]),
        program(
            "flowlabctl",
            [
                "Quantities", "Wire", "Usage", "DeviceModel", "Interlocks", "Experiments", "Configuration",
                "ControlAPI", "ControlClient", "Platform", "Recording", "RecordingFiles",
            ]),
        program("flowlab-sim", ["Quantities", "Wire", "Usage", "VirtualBench", "CLinux"]),
        program("flowlab-optimize", ["Quantities", "Wire", "Usage", "Experiments", "ControlAPI", "ControlClient"]),
        program(
            "flowlab-simulate",
            [
                "Quantities", "Wire", "Usage", "Configuration", "Experiments", "Simulation", "VirtualBench", "Trials",
            ]),

        // Parts of the daemon alone, for `make bench`; not installed.
        program(
            "flowlab-bench",
            ["Quantities", "DeviceModel", "Interlocks", "Experiments", "Platform", "ModbusLink", "Archive"],
            path: "Tests/bench/Program"),

        // Makes the tables of the board protocol, for `make dictionary`; not installed.
        layer("DictionaryTables", ["Wire"], path: "firmware-protocol/Generator/Tables"),
        program(
            "board-dictionary", ["Wire", "Usage", "DictionaryTables"], path: "firmware-protocol/Generator/Program"),

        // Tests.
        tests("QuantitiesTests", ["Quantities"]),
        tests("WireTests", ["Wire"]),
        tests("InterlocksTests", ["Quantities", "DeviceModel", "Interlocks"]),
        tests(
            "DriversTests", ["Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers"],
            resources: [.copy("Exchanges")]),
        tests(
            "ScienceTests", ["Quantities", "RealMath", "Hydraulics", "SteadyState", "Spectra"],
            resources: [.copy("Fixtures")]),
        tests(
            "VirtualBenchTests", ["Quantities", "Wire", "RealMath", "VirtualBench"], resources: [.copy("Fixtures")]),
        tests(
            "ShellTests",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "Hydraulics", "ControlCore",
                "Experiments", "Platform", "ModbusLink", "Archive", "Configuration", "CModbus",
            ]),
        tests(
            "ServerTests",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Experiments", "ControlAPI", "ControlServer",
                "ControlClient", "Platform", "Usage",
            ]),
        tests(
            "SimulationTests",
            [
                "Quantities", "Wire", "BoardProtocol", "DeviceModel", "Interlocks", "Drivers", "ControlCore",
                "Configuration",
                "Experiments", "VirtualBench", "Simulation", "Trials",
            ]),
        tests(
            "RecordingTests",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "ControlCore", "Configuration",
                "Experiments", "VirtualBench", "Simulation", "Platform", "Recording", "RecordingFiles",
            ]),
        tests("JournalTests", ["Quantities", "Wire", "DeviceModel", "Interlocks", "Experiments", "Journal"]),
        tests("BoardTests", ["Quantities", "Wire", "BoardProtocol", "DictionaryTables", "CBoardFirmware"]),
        tests("TidyTests", []),

        // Where foreign bytes come in, for `make fuzz` and, with its corpus, for the tests.
        layer(
            "FuzzTargets",
            [
                "Quantities", "Wire", "DeviceModel", "Interlocks", "Drivers", "Experiments", "Configuration",
                "ControlAPI", "ControlServer", "VirtualBench", "Simulation", "Recording", "BoardProtocol",
            ], path: "Tests/Fuzz/Targets"),
        tests("FuzzTests", ["FuzzTargets"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

func layer(_ name: String, _ dependencies: [String], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies.map { .byName(name: $0) }, path: path, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [String], path: String? = nil) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [String], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, resources: resources, swiftSettings: strict)
}
