#ifndef FLOWLAB_MEMORY_DISK_H
#define FLOWLAB_MEMORY_DISK_H

#include <stdint.h>

/* Files in memory, as SQLite wants them of a file system (https://sqlite.org/vfs.html), that fail on request: full,
 * broken, or without power, after which what was not synced is there only in part. For one thread. */
struct memory_disk;

/* Registers the disk under `name`, to be given to sqlite3_open_v2. NULL when there is no memory. */
struct memory_disk *memory_disk_new(const char *name);
/* All its connections must be closed. */
void memory_disk_free(struct memory_disk *disk);

/* Bytes that all files may have together; negative: no bound. What would exceed it fails with SQLITE_FULL. */
void memory_disk_set_room(struct memory_disk *disk, int64_t bytes);
int64_t memory_disk_used(const struct memory_disk *disk);

/* While broken, writes and syncs fail with SQLITE_IOERR. */
void memory_disk_set_broken(struct memory_disk *disk, int is_broken);
/* While frozen, nothing changes any file: what a killed process had open is closed in this state. */
void memory_disk_set_frozen(struct memory_disk *disk, int is_frozen);

/* The power fails: of the writes since each file's last sync, some are lost, chosen by the seed. No connection may be
 * open. */
void memory_disk_cut_power(struct memory_disk *disk, uint64_t seed);

/* Since the disk was made. */
int64_t memory_disk_syncs(const struct memory_disk *disk);

#endif
