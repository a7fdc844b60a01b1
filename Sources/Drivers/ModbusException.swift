/// Modbus exceptions in words. Source: Modbus application protocol, section 7.
enum ModbusException {
    static func text(_ code: UInt8) -> String {
        switch code {
        case 1: "exception 1 (illegal function)"
        case 2: "exception 2 (illegal address)"
        case 3: "exception 3 (illegal value)"
        case 4: "exception 4 (device failure)"
        case 6: "exception 6 (busy)"
        case 10: "exception 10 (no gateway path)"
        case 11: "exception 11 (gateway target silent)"
        default: "exception \(code)"
        }
    }
}
