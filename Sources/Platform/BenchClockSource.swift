import Glibc
import Quantities

/// Reads the clocks. This is the one place where the bench clock is scaled: bench time is `clockRate` times the wire
/// time since `start`.
///
/// The wire clock is `CLOCK_MONOTONIC`, nanoseconds since the host booted; the bench clock counts from `start`; the wall
/// clock is `CLOCK_REALTIME`.
public struct BenchClockSource: Sendable {
    public static let largestRate = 1000.0

    /// The wire instant at which the bench clock showed zero.
    public let start: WireInstant
    /// The rate in millionths, so that scaling is exact whole-number arithmetic and never runs backwards.
    private let rateMillionths: Int64

    /// - Parameters:
    ///   - clockRate: bench seconds a wire second, above 0 and at most `largestRate`, to six decimals.
    ///   - start: where bench time begins; now, unless a test says otherwise.
    public init(clockRate: Double, start: WireInstant = wireNow()) throws(PlatformError) {
        guard clockRate > 0, clockRate <= Self.largestRate, (clockRate * 1e6).rounded() >= 1 else {
            throw .invalid(
                subject: "bench.clock_rate", value: String(clockRate), expected: "above 0, at most \(Self.largestRate)")
        }
        self.start = start
        rateMillionths = Int64((clockRate * 1e6).rounded())
    }

    /// The present moment on every clock.
    public func now() -> Moment {
        let wire = wireNow()
        return Moment(wire: wire, bench: bench(at: wire), wall: wallNow())
    }

    /// What the bench clock shows at `wire`, rounded down.
    public func bench(at wire: WireInstant) -> BenchInstant {
        let scaled = Int128((wire - start).nanoseconds) * Int128(rateMillionths)
        return BenchInstant(nanoseconds: Int64(clamping: floorDivide(scaled, 1_000_000)))
    }

    /// The first wire instant at which the bench clock has reached `bench`; a timer set to it never fires early.
    public func wire(for bench: BenchInstant) -> WireInstant {
        let scaled = -floorDivide(-Int128(bench.nanoseconds) * 1_000_000, Int128(rateMillionths))
        return WireInstant(nanoseconds: Int64(clamping: Int128(start.nanoseconds) + scaled))
    }
}

/// `CLOCK_MONOTONIC`.
public func wireNow() -> WireInstant { WireInstant(nanoseconds: read(CLOCK_MONOTONIC)) }

/// `CLOCK_REALTIME`.
public func wallNow() -> WallInstant { WallInstant(nanoseconds: read(CLOCK_REALTIME)) }

private func read(_ clock: Int32) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

private func floorDivide(_ a: Int128, _ b: Int128) -> Int128 {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? quotient - 1 : quotient
}
