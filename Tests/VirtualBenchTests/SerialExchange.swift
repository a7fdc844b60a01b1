extension Host {
    /// A bench with one accessory beside it.
    init(with accessory: String) {
        self.init { $0.accessories = [accessory] }
    }

    /// Bytes to a link, as text; all that comes within a tenth of a second.
    mutating func exchange(_ text: String, with link: String) -> String {
        send(Array(text.utf8), to: link)
        return receive().filter { $0.link == link }.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    /// Of the last record of truth.
    mutating func truth(of accessory: String, _ member: String) -> Double? {
        wait(bench: 1)
        return bench.drainTruth().last?.accessories[accessory]?[member]?.double
    }
}
