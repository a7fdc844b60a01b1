import FuzzTargets
import Glibc

// libFuzzer's side: `scripts/fuzz` builds this with its runtime. The environment says which target is meant:
//
//     FLOWLAB_FUZZ=list                the targets, each with its longest input
//     FLOWLAB_FUZZ=NAME                fuzz it
//     FLOWLAB_FUZZ=NAME=DIRECTORY      write its seeds and its dictionary there, and end

private let target = FuzzTarget.all.first { $0.name == wish.first ?? "" }
private let wish = (getenv("FLOWLAB_FUZZ").map { String(cString: $0) } ?? "").split(separator: "=", maxSplits: 1)
    .map(String.init)

/// Called once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func prepareFuzzing(_ count: UnsafePointer<Int32>?, _ arguments: UnsafePointer<UnsafePointer<CChar>>?) -> Int32 {
    guard let target else {
        for target in FuzzTarget.all { print(target.name, target.longestInput) }
        fflush(nil)
        _exit(wish.first == "list" ? 0 : 2)
    }
    guard wish.count == 2 else { return 0 }
    for seed in target.seeds { write(seed.bytes, to: "\(wish[1])/seeds/\(seed.name)") }
    write(target.words().flatMap(dictionaryLine), to: "\(wish[1])/dictionary")
    _exit(0)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let target else { return 0 }
    do {
        try target.run(Array(UnsafeBufferPointer(start: data, count: count)))
    } catch {
        print("broken promise of \(target.name): \(error)")
        fflush(nil)
        abort()
    }
    return 0
}

/// A word in double quotes, with all but plain letters as `\xHH`.
private func dictionaryLine(_ word: String) -> [UInt8] {
    let letters = word.utf8.map { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
            ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return Array("\"\(letters.joined())\"\n".utf8)
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else {
        perror(path)
        exit(1)
    }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}
