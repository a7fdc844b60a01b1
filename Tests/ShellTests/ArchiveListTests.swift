import Archive
import Experiments
import Quantities
import Testing

/// Pages of experiments and results, compared with a plain list.
@Suite struct ArchiveListTests {
    static let campaigns: [String?] = [nil, "c-000001", "c-000002"]

    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    /// Experiments in every state; those that ended have numbers in another order than that of submission.
    private func fill(_ random: inout ArchiveRandom, _ count: Int) throws -> [ExperimentRecord] {
        let archive = try Archive(path: place.path)
        var records = (1...count).map { number in
            var record = Sample.ended(number, random.pick(ExperimentState.allCases), sequence: nil)
            record.campaign = random.pick(Self.campaigns)
            return record
        }
        try archive.commit([ArchiveBatch(id: 1, writes: records.map { .experiment($0) })])
        var ends = records.indices.filter { records[$0].state.isFinal }
        for sequence in 1...ends.count {
            let index = ends.remove(at: random.below(ends.count))
            records[index].sequence = sequence
            try archive.commit([Sample.batch(UInt64(sequence + 1), .experiment(records[index]))])
        }
        return records
    }

    @Test(arguments: [UInt64(3), 2026]) func everyFilterInEveryCombinationPages(seed: UInt64) throws {
        var random = ArchiveRandom(seed: seed)
        let records = try fill(&random, 230)
        let reader = try ArchiveReader(path: place.path)
        for state in [nil] + ExperimentState.allCases.map(Optional.some) {
            for campaign in Self.campaigns + ["c-000009"] {
                for isPending in [false, true] {
                    let filter = ExperimentFilter(state: state, campaign: campaign, isPending: isPending)
                    let expected = records.filter {
                        (state == nil || $0.state == state) && (campaign == nil || $0.campaign == campaign)
                            && (!isPending || !$0.state.isFinal)
                    }
                    var found: [String] = []
                    let limit = 1 + random.below(40)
                    while case let page = try reader.experiments(after: found.last, matching: filter, limit: limit),
                        !page.isEmpty
                    {
                        #expect(page.count <= limit)
                        found += page.map(\.experiment)
                    }
                    #expect(found == expected.map(\.experiment), "\(filter)")
                }
            }
        }
    }

    @Test(arguments: [UInt64(4), 2027]) func resultsComeInTheOrderOfTheirEnds(seed: UInt64) throws {
        var random = ArchiveRandom(seed: seed)
        let records = try fill(&random, 200)
        let reader = try ArchiveReader(path: place.path)
        for campaign in Self.campaigns {
            let expected = records.filter { $0.sequence != nil && (campaign == nil || $0.campaign == campaign) }
                .sorted { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
            var found: [Int] = []
            while case let page = try reader.results(since: found.last ?? 0, campaign: campaign, limit: 13),
                !page.isEmpty
            {
                found += page.compactMap(\.sequence)
            }
            #expect(found == expected.compactMap(\.sequence))
        }
        #expect(try reader.results(since: Int.max, campaign: nil, limit: 9).isEmpty)
        #expect(try reader.results(since: -5, campaign: nil, limit: 1).map(\.sequence) == [1])
    }

    /// An experiment that is abandoned after its end comes again, under its new number.
    @Test func abandonedAfterwardsItComesAgain() throws {
        let archive = try Archive(path: place.path)
        for number in 1...3 {
            try archive.commit([
                Sample.batch(UInt64(number), .experiment(Sample.ended(number, .done, sequence: number)))
            ])
        }
        try archive.commit([Sample.batch(4, .experiment(Sample.ended(2, .abandoned, sequence: 4)))])
        let reader = try ArchiveReader(path: place.path)
        #expect(try reader.results(since: 0, campaign: nil, limit: 9).map(\.sequence) == [1, 3, 4])
        #expect(try reader.results(since: 3, campaign: nil, limit: 9).map(\.experiment) == ["e-000002"])
        #expect(try archive.restore().lastSequence == 4)
    }

    @Test(arguments: [UInt64(5)]) func statesOfACampaignAreCounted(seed: UInt64) throws {
        var random = ArchiveRandom(seed: seed)
        let records = try fill(&random, 150)
        let reader = try ArchiveReader(path: place.path)
        for campaign in ["c-000001", "c-000002"] {
            let expected = Dictionary(grouping: records.filter { $0.campaign == campaign }, by: \.state)
            #expect(try reader.states(ofCampaign: campaign) == expected.mapValues(\.count))
        }
        #expect(try reader.states(ofCampaign: "c-000009").isEmpty)
    }
}
