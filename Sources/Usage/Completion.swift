/// What may stand at one place of a command line.
public struct Completion: Sendable {
    /// What the word begins with in any case: `--campaign=`.
    public let prefix: String
    /// Words that are known here, with what they mean.
    public let words: [(word: String, help: String)]
    /// What else may stand here.
    public let values: [ArgumentParser.Values]
}

extension ArgumentParser {
    /// What a command line goes on with.
    /// - Parameters:
    ///   - words: those after the command that are written already.
    ///   - word: the one that is being written, as far as it goes.
    public func completion(after words: [String], of word: String) -> Completion {
        var place = Place()
        for word in words { advance(&place, word) }
        if let option = place.pending { return Completion(prefix: "", words: [], values: option.values) }
        if word.hasPrefix("-"), !place.onlyOperands {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return Completion(prefix: "", words: left(place), values: []) }
            let option = options.first { $0.name == parts[0] }
            return Completion(prefix: "\(parts[0])=", words: [], values: option?.values ?? [])
        }
        var values = place.list?.values ?? []
        if place.operands < operands.count { values += operands[place.operands].values }
        let isBare = word.isEmpty && !place.onlyOperands && place.operands >= operands.count
        return Completion(prefix: "", words: isBare ? left(place) : [], values: values)
    }

    /// How far a command line has been read.
    private struct Place {
        /// The option whose value comes next.
        var pending: Option?
        /// The option that takes NAME=VALUE words until another word comes.
        var list: Option?
        var operands = 0
        var given: Set<String> = []
        var onlyOperands = false
    }

    private func advance(_ place: inout Place, _ word: String) {
        if let option = place.pending {
            place.pending = nil
            place.list = option.isList ? option : nil
        } else if word == "--", !place.onlyOperands {
            place.onlyOperands = true
            place.list = nil
        } else if word.hasPrefix("-"), word.count > 1, !place.onlyOperands {
            let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
            let option = options.first { $0.name == name }
            place.given.insert(name)
            place.pending = option?.value != nil && !word.contains("=") ? option : nil
            place.list = option?.isList == true && word.contains("=") ? option : nil
        } else if place.list == nil || !word.contains("=") {
            place.operands += 1
            place.list = nil
        }
    }

    /// The options that may still be given.
    private func left(_ place: Place) -> [(word: String, help: String)] {
        shownOptions.filter { $0.isRepeated || !place.given.contains($0.name) }.map { ($0.name, $0.help) }
    }
}
