import ControlAPI
import ControlClient
import Experiments
import Quantities
import Testing
import Wire

/// Tables and spectra as files, and how times and rows of values are shown.
@Suite struct ExportTests {
    @Test func rowsUndoWriting() {
        let rows = [["a", "b,c", "say \"x\""], ["", "line\nbreak", "é\r\nx"], ["1", "2", ""]]
        #expect(CSV.rows(rows.map(CSV.row).joined()) == rows)
        #expect(CSV.rows("a,b\r\nc,d") == [["a", "b"], ["c", "d"]])
        #expect(CSV.rows("").isEmpty && CSV.rows("\n") == [[""]])
    }

    @Test(arguments: HostileInputTests.seeds) func randomFieldsComeBack(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let letters = ["a", ",", "\"", "\n", "é", " ", "\r"]
        for _ in 0..<100 {
            let row = (0..<4).map { _ in
                (0..<5).map { _ in letters.randomElement(using: &generator) ?? "" }.joined()
            }
            #expect(CSV.rows(CSV.row(row)) == [row], "seed \(seed)")
        }
    }

    /// A page without a feature lacks its columns: they are not the next column's.
    @Test func pagesWithOtherColumnsAreJoinedByName() {
        var table = CSVTable()
        table.append(page: "experiment,pl_peak\ne-1,5\n")
        table.append(page: "experiment,abs_300,pl_peak\ne-2,0.4,6\n")
        table.append(page: "experiment\ne-3\n")
        table.append(page: "")
        #expect(table.text == "experiment,pl_peak,abs_300\ne-1,5,\ne-2,6,0.4\ne-3,,\n")
    }

    @Test func spectraAreTidyAndIndexed() throws {
        var tidy = TidySpectra()
        let one = ExperimentsSpectra.Spectrum(Sample.spectrum("e-000001", pixels: 3))
        var other = ExperimentsSpectra.Spectrum(Sample.spectrum("e-000001", kind: "absorbance", pixels: 3))
        other.counts = SampleArray.encode([0.5, .nan, 0.25])
        let files = try tidy.add([one, one, other], of: "e-000001", campaign: "c-000001")
        #expect(files.map(\.name) == ["e-000001_spec_pl_droplet.csv", "e-000001_spec_pl_absorbance.csv"])
        #expect(CSV.rows(files[0].text).count == 1 + 6)
        #expect(files[0].text.hasPrefix("spectrum,wavelength_nm,value\n1,0.0,0.0\n1,1.0,1.0\n"))
        #expect(files[1].text == "spectrum,wavelength_nm,value\n1,0.0,0.5\n1,1.0,\n1,2.0,0.25\n")
        let index = CSV.rows(tidy.index)
        #expect(index.count == 4 && tidy.count == 3)
        #expect(index[2].prefix(4) == ["spectra/e-000001_spec_pl_droplet.csv", "2", "e-000001", "c-000001"])
        #expect(index[3][6] == "AU" && index[1][6] == "counts")
    }

    /// Names from a daemon make no paths, and arrays that are not what they seem are refused.
    @Test func hostileSpectra() throws {
        var tidy = TidySpectra()
        var one = ExperimentsSpectra.Spectrum(Sample.spectrum("e-000001", pixels: 2))
        one.device = "../../etc/x"
        #expect(try tidy.add([one], of: "e-1", campaign: nil)[0].name == "e-1_------etc-x_droplet.csv")
        one.counts = SampleArray.encode([1])
        #expect(throws: ClientError.self) { try tidy.add([one], of: "e-1", campaign: nil) }
    }

    @Test func timesMayBeHowLongAgo() {
        let now = WallInstant(nanoseconds: 1_795_216_690_000_000_000)
        for (text, seconds) in [("30s", 30.0), ("10min", 600), ("2h", 7200), ("1.5d", 129_600), ("0s", 0)] {
            #expect(AskedTime.instant(text, now: now) == now - .seconds(seconds))
        }
        #expect(AskedTime.instant("1970-01-01T00:00:01Z", now: now)?.nanoseconds == 1_000_000_000)
        for text in ["", "2", "h", "-2h", "2 weeks", "nanh", "infd"] {
            #expect(AskedTime.instant(text, now: now) == nil, "\(text)")
        }
    }

    @Test func sparklinesGoFromLowestToHighest() {
        let line = Sparkline(isUnicode: true)
        #expect(line.text([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(line.text([9, 0, nil, 7], width: 3) == "▁ █")
        #expect(line.text([5, 5], width: 9) == "▅▅" && line.text([nil], width: 9) == " ")
        #expect(line.condensed((0..<80).map { Double($0) }, width: 8) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline(isUnicode: false).text([0, 7], width: 2).utf8.allSatisfy { $0 < 128 })
    }
}
