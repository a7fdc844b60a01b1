import Glibc

/// A connected socket and what still waits to be written to it.
struct Client {
    /// Which service it came to: a link's name, or nil for the fault socket.
    let link: String?
    /// Its number among the link's connections.
    let connection: Int
    var input: [UInt8] = []
    var output: [UInt8] = []
    /// To be closed once `output` is written.
    var isClosing = false

    /// A client that lets more than this pile up is not reading any more.
    static let longestOutput = 4_000_000
}
