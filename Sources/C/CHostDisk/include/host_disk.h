#ifndef FLOWLAB_HOST_DISK_H
#define FLOWLAB_HOST_DISK_H

/* SQLite's own file system with one change: the index of the journal, which SQLite maps into memory, is given its place on
 * the disk before it is touched. SQLite writes one byte in each 4096 of it and takes that for enough; where a file
 * system keeps smaller blocks (ext4 made on less than 512 MiB has 1024), the kernel kills with SIGBUS who touches the
 * rest of a page when the disk is full. Here that is SQLITE_IOERR_SHMSIZE.
 * Registers it once and returns its name for sqlite3_open_v2; NULL: SQLite's own, when it cannot be registered. */
const char *host_disk_name(void);

#endif
