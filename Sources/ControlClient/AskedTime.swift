import ControlAPI
import Quantities

/// A time on the command line: RFC 3339, or how long ago.
public enum AskedTime {
    /// `2026-11-20T12:00:00Z`, `30s`, `10min`, `2h`, `3d`.
    public static func instant(_ text: String, now: WallInstant) -> WallInstant? {
        if let instant = TimeText.instant(text) { return instant }
        return seconds(text).map { now - .seconds($0) }
    }

    /// `30s`, `10min`, `2h`, `3d`.
    public static func seconds(_ text: String) -> Double? {
        let units = [("min", 60.0), ("s", 1), ("h", 3600), ("d", 86_400)]
        guard let (unit, seconds) = units.first(where: { text.hasSuffix($0.0) }),
            let count = Double(text.dropLast(unit.count)), count.isFinite, (0...1e5).contains(count)
        else { return nil }
        return count * seconds
    }
}
