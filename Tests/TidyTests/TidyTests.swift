import Testing

/// The rules that the compiler does not keep.
@Suite struct LayeringTests {
    static let pure = [
        "Quantities", "Wire", "Usage", "DeviceModel", "Interlocks", "Drivers", "Hydraulics", "SteadyState", "Spectra",
        "ControlCore", "Experiments", "VirtualBench", "Simulation", "Recording", "BoardProtocol",
    ]
    static let world = ["Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization"]

    @Test func everyImportIsDeclaredSoThatNoneIsTransitive() {
        let declared = SourceTree.declaredDependencies
        #expect(declared.count > 20, "Package.swift is not read as it should be")
        for file in SourceTree.swiftFiles("Sources") {
            let allowed = (declared[file.target] ?? []).union(Self.world)
            for name in file.imports where !allowed.contains(name) {
                Issue.record("\(file.path) imports \(name), which Package.swift does not declare for \(file.target)")
            }
        }
    }

    @Test(arguments: pure) func pureLayersImportNothingOfTheWorld(_ layer: String) {
        let files = SourceTree.swiftFiles("Sources/\(layer)")
        #expect(!files.isEmpty)
        for file in files {
            for name in file.imports where Self.world.contains(name) || (name.hasPrefix("C") && Self.isSystem(name)) {
                Issue.record("\(file.path) imports \(name); pure layers get time and bytes from their caller")
            }
        }
    }

    private static func isSystem(_ name: String) -> Bool {
        ["CSystemd", "CUdev", "CModbus", "CSQLite", "CTomlPlusPlus"].contains(name)
    }

    @Test func nobodyUsesFoundationProper() {
        for file in SourceTree.swiftFiles("Sources") where file.imports.contains("Foundation") {
            Issue.record("\(file.path) imports Foundation: FoundationEssentials keeps a static binary small")
        }
    }

    @Test func theVirtualBenchKnowsNoDriver() {
        for file in SourceTree.swiftFiles("Sources/VirtualBench") {
            let forbidden = file.imports.filter {
                ["Drivers", "DeviceModel", "Interlocks", "ControlCore"].contains($0)
            }
            #expect(forbidden.isEmpty, "\(file.path) imports \(forbidden)")
        }
    }

    @Test func noTasksOrActorsInTheDaemon() {
        for file in SourceTree.swiftFiles("Sources") {
            for (number, line) in file.lines.enumerated() {
                let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
                let words = code.split { !$0.isLetter }
                guard words.contains("await") || words.contains("actor") || code.contains("Task {") else { continue }
                if code.contains("\"") { continue }
                Issue.record(
                    "\(file.path):\(number + 1): the daemon uses threads and run-to-completion, no tasks or actors")
            }
        }
    }
}

@Suite struct CatalogTests {
    @Test func aDriverIsOneFolderAndOneLineInTheCatalog() {
        let lines = SourceTree.text("Sources/Drivers/DriverCatalog.swift").split(separator: "\n").map(String.init)
        let entries = lines.filter { $0.hasPrefix("        ") && $0.contains(".entry") && !$0.contains("func") }
        let named = entries.map { $0.split { !$0.isLetter && !$0.isNumber }.first.map(String.init) ?? "" }
        // What drivers of a line of bytes have in common, and those of a board's channels, is nobody's driver.
        let shared = ["Board", "Dialogue"]
        #expect(named.sorted() == SourceTree.folders("Sources/Drivers").filter { !shared.contains($0) })
    }

    @Test func aMethodIsOneFileAndOneLineInTheTable() {
        let files = SourceTree.swiftFiles("Sources/ControlAPI/Methods").map { file in
            String(file.path.split(separator: "/").last?.dropLast(6) ?? "")
        }
        let table = SourceTree.text("Sources/ControlServer/MethodTable.swift").split(separator: "\n").map(String.init)
        #expect(!files.isEmpty)
        for name in files {
            let lines = table.filter { $0.split { !$0.isLetter && !$0.isNumber }.contains(Substring(name)) }
            #expect(lines.count == 1, "\(name) stands in \(lines.count) lines of MethodTable.swift")
        }
    }
}

@Suite struct SizeTests {
    static let longestFunction = 70
    static let longestFile = 400
    static let files = ["Sources", "Tests", "firmware-protocol"].flatMap(SourceTree.swiftFiles)

    @Test func noFunctionIsLongerThanAScreen() {
        for file in Self.files {
            for function in functions(of: file) where function.length > Self.longestFunction {
                Issue.record("\(file.path):\(function.line): \(function.length) lines, at most \(Self.longestFunction)")
            }
        }
    }

    @Test func noFileIsLongerThanItsSeams() {
        for file in Self.files where file.lines.count > Self.longestFile {
            Issue.record("\(file.path): \(file.lines.count) lines, at most \(Self.longestFile)")
        }
    }

    @Test func nothingTrapsOnInput() {
        for file in SourceTree.swiftFiles("Sources") {
            for (number, line) in file.lines.enumerated() {
                guard ["try!", "as!", "fatalError("].contains(where: { line.contains($0) }) else { continue }
                Issue.record("\(file.path):\(number + 1): \(line)")
            }
        }
    }

    /// `swift format` keeps the closing brace of a declaration under its first letter.
    private func functions(of file: SourceTree.File) -> [(line: Int, length: Int)] {
        var found: [(Int, Int)] = []
        for (start, line) in file.lines.enumerated() {
            let words = line.split { !$0.isLetter }
            guard words.contains("func") || words.contains("init"), !line.contains("//"), !line.contains("\""),
                !line.hasSuffix("}")
            else { continue }
            let indent = String(line.prefix { $0 == " " })
            guard let end = file.lines[start...].firstIndex(of: indent + "}") else { continue }
            let isBlock = file.lines[start...end].contains { $0.hasSuffix("{") }
            if isBlock { found.append((start + 1, end - start + 1)) }
        }
        return found
    }
}
