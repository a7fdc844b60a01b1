/// A place where foreign bytes come in: feeds them to the code behind it, and says which promise was broken.
///
/// The same function runs under libFuzzer (`make fuzz`) and, with the corpus, in the ordinary tests.
public struct FuzzTarget: Sendable {
    public let name: String
    /// In bytes; longer ones are slower and find nothing else.
    public let longestInput: Int
    /// Words that an input is made of, for the fuzzer's dictionary.
    public let words: @Sendable () -> [String]
    /// Where sound inputs are found besides `Tests/Fuzz/Corpus/<name>`.
    let recorded: @Sendable () -> [Seed]
    public let run: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    init(
        _ name: String, longestInput: Int = 4096, words: @escaping @Sendable () -> [String] = { [] },
        recorded: @escaping @Sendable () -> [Seed] = { [] },
        run: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void
    ) {
        self.name = name
        self.longestInput = longestInput
        self.words = words
        self.recorded = recorded
        self.run = run
    }

    public static let all: [FuzzTarget] =
        [jsonReader, controlServer, requestLines, lineSplitter, sampleArrays, benchFile, endpointsFile, recordings]
        + [boardFrames, boardMessages] + drivers + [
            simulatedPump, simulatedHeater, simulatedSerialHeater, simulatedModule, simulatedSpectrometer,
            faultCommands, simulatedFeedValve, simulatedSelector, simulatedOutletValve,
            simulatedTubingPump, simulatedGas, simulatedLED, simulatedBlock, simulatedCD, simulatedArm,
            simulatedArmPanel, simulatedDobot,
        ]

    /// The corpus of this target: what was found worth keeping, and what was recorded elsewhere.
    public var seeds: [Seed] { Repository.files("Tests/Fuzz/Corpus/\(name)") + recorded() }
}

/// An input to begin with.
public struct Seed: Sendable {
    /// As a file name.
    public let name: String
    public let bytes: [UInt8]
}

/// What must hold whatever comes in, and did not.
public struct BrokenPromise: Error, CustomStringConvertible {
    public let description: String
}

func promise(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(description: otherwise()) }
}
