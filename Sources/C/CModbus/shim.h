#include <errno.h>
#include <modbus.h>
