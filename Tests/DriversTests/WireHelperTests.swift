import Testing
import Wire

struct WireHelperTests {
    @Test func linesEndAtAnyLineEnd() {
        var splitter = LineSplitter(maximumLineBytes: 5)
        let lines = Array("a\rb\nc\r\n\r\ntoo long\rrest\u{7}".utf8).compactMap { splitter.append($0) }
        #expect(lines == ["a", "b", "c", "too l"])
        #expect(splitter.partial == "rest?")
        #expect(!splitter.isAtLineStart)
        splitter.reset()
        #expect(splitter.partial.isEmpty && splitter.isAtLineStart)
    }

    @Test func numbersComeBackInBothOrders() {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(0x0102_0304))
        bytes.append(bigEndian: UInt16(0x0506))
        bytes.append(littleEndian: Int16(-2))
        bytes.append(0xff)
        #expect(bytes == [4, 3, 2, 1, 5, 6, 0xfe, 0xff, 0xff])
        var reader = ByteReader(bytes)
        let read = (
            reader.littleEndian(UInt32.self), reader.bigEndian(UInt16.self), reader.littleEndian(Int16.self),
            reader.littleEndian(UInt16.self)
        )
        #expect(read.0 == 0x0102_0304 && read.1 == 0x0506 && read.2 == -2 && read.3 == nil)
        #expect(reader.remaining == 1)
        let skips = (reader.skip(-1), reader.skip(1), reader.skip(1))
        #expect(skips == (false, true, false))
    }

    @Test func shortDecimalsHaveNoZerosAtTheEnd() {
        #expect(shortDecimal(28.6, 3) == "28.6")
        #expect(shortDecimal(100, 3) == "100")
        #expect(shortDecimal(100, 0) == "100")
        #expect(shortDecimal(-0.0004, 3) == "0")
    }
}
