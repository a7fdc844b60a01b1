"""Serial adapters as umockdev shows them."""

# What the sockets belong to: udev tells where an adapter is plugged in by it.
HOST = """P: /devices/pci0000:00/0000:00:14.0
E: SUBSYSTEM=pci

P: /devices/pci0000:00/0000:00:14.0/usb1
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: idVendor=1d6b\\n
A: idProduct=0002\\n

"""


def adapter(number, vendor, model, maker, product, serial=None, interfaces=1, ports=1, tty="ttyUSB", named=None):
    """An adapter in socket `number` of the host, with all of its ports; the number of the first is ten times as high.

    `named`: its names, with all that udev would have set, for programs that read udev's data. None: for udevadm, which
    sets it itself.
    """
    place = f"/devices/pci0000:00/0000:00:14.0/usb1/1-{number}"
    text = (f"P: {place}\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: PRODUCT={vendor.lstrip('0')}/{model}/600\n"
            f"E: MAJOR=189\nE: MINOR={number}\nE: BUSNUM=001\nE: DEVNUM={number:03}\n"
            f"E: DEVNAME=/dev/bus/usb/001/{number:03}\n"
            f"A: idVendor={vendor}\\n\nA: idProduct={model}\\n\nA: manufacturer={maker}\\n\nA: product={product}\\n\n")
    text += f"A: serial={serial}\\n\n\n" if serial else "\n"
    place_of_next = number * 10
    for interface in range(interfaces):
        above = f"{place}/1-{number}:1.{interface}"
        text += (f"P: {above}\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nA: bInterfaceNumber={interface:02}\\n\n"
                 f"A: bInterfaceClass=ff\\n\nA: bInterfaceSubClass=ff\\n\n\n")
        for port in range(ports):
            node = f"{tty}{place_of_next}"
            place_of_next += 1
            text += f"P: {above}/{node}\nE: SUBSYSTEM=usb-serial\nA: port_number={port}\\n\n\n"
            text += (f"P: {above}/{node}/tty/{node}\nN: {node}\nE: DEVNAME=/dev/{node}\nE: SUBSYSTEM=tty\n"
                     f"E: MAJOR=188\nE: MINOR={place_of_next}\nA: dev=188:{place_of_next}\\n\n")
            if named is not None:
                text += (f"E: ID_BUS=usb\nE: ID_VENDOR_ID={vendor}\nE: ID_MODEL_ID={model}\nE: ID_VENDOR={maker}\n"
                         f"E: ID_MODEL={product}\nE: ID_USB_INTERFACE_NUM={interface:02}\n"
                         f"E: ID_PATH=pci-0000:00:14.0-usb-0:{number}:1.{interface}\n")
                text += f"E: ID_SERIAL_SHORT={serial}\n" if serial else ""
                text += f"E: DEVLINKS={named}\n" if named else ""
            text += "\n"
    return text


def tty(number, interface=0, name="ttyUSB", at=None):
    """The place in /sys of a port of the adapter in socket `number`."""
    node = f"{name}{number * 10 if at is None else at}"
    return f"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{number}/1-{number}:1.{interface}/{node}/tty/{node}"


def usb(number):
    return f"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{number}"
