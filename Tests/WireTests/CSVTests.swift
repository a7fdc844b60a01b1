import Testing
import Wire

@Suite struct CSVTests {
    @Test(arguments: [
        ("a", "a"), ("", ""), (" b ", " b "), ("b,c", "\"b,c\""), ("say \"x\"", "\"say \"\"x\"\"\""),
        ("two\r\nlines", "\"two\r\nlines\""), ("\r", "\"\r\""),
        // An accent on a comma or a quote makes another character of it, and no other byte.
        ("a,\u{301}b", "\"a,\u{301}b\""), ("\"\u{301}", "\"\"\"\u{301}\""),
    ])
    func fieldsAreQuotedWhenTheyMust(_ text: String, _ field: String) {
        #expect(Array(CSV.field(text).utf8) == Array(field.utf8))
        #expect(CSV.rows(CSV.row([text, "x"])) == [[text, "x"]])
    }

    @Test func aRowEndsWithLF() { #expect(CSV.row(["a", "b,c", ""]) == "a,\"b,c\",\n") }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    func formulasAreDefused(_ text: String) { #expect(CSV.defused(text) == "'" + text) }

    @Test(arguments: ["", "a=1", "1-2", " =1", "'", "é"])
    func otherTextStays(_ text: String) { #expect(CSV.defused(text) == text) }
}
