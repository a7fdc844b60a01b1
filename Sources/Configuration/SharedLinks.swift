import ControlCore
import DeviceModel
import Drivers

/// Who may be on one link with whom.
extension BenchReader {
    /// A serial port and a TCP peer have one device; a Modbus bus may have several, and a board has its channels.
    func checkSharing(_ devices: [DevicePart], _ links: [LinkPart]) {
        var owners: [String: String] = [:]
        for device in devices where device.entry?.isOnBoard != true {
            guard let name = device.link, let link = links.first(where: { $0.name == name }) else { continue }
            if let owner = owners[name], link.transport != .modbus {
                device.table.wrong(BenchKeys.link.name, expected: "a link of its own; devices.\(owner) is on this one")
            } else {
                owners[name] = owners[name] ?? device.name
            }
        }
    }

    /// Each channel has one device, and each device on a board a board.
    func checkBoards(_ devices: [DevicePart]) {
        let boards = devices.filter { $0.entry?.deviceClass == .board }.compactMap(\.link)
        var owners: [String: (device: String, channel: BoardChannel)] = [:]
        for device in devices where device.entry?.isOnBoard == true {
            guard let link = device.link else { continue }
            guard boards.contains(link) else {
                let known = boards.isEmpty ? "; this file has none" : ", \(oneOf(boards, given: link))"
                device.table.wrong(BenchKeys.link.name, expected: "the link of a board (driver flowlab-board)\(known)")
                continue
            }
            for channel in device.definition?.driver.boardChannels ?? [] {
                let owner = owners.updateValue((device.name, channel), forKey: "\(link) \(channel.number)")
                guard let owner, owner.channel != channel else { continue }
                document.report(
                    device.table.path,
                    ": uses channel \(channel.number) of the board on links.\(link), as devices.\(owner.device) does; "
                        + "expected another channel")
            }
        }
    }
}
