#include "memory_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512, LOCK_SLOTS = SQLITE_SHM_NLOCK, REGIONS = 64 };

/* One change since the last sync: what it wrote, and what was there before. */
struct change {
    int64_t offset;      /* of the write; for a truncation the new size */
    int32_t count;       /* bytes written; -1: a truncation */
    int64_t size_before;
    unsigned char *new_bytes, *old_bytes; /* of a truncation old_bytes has what was cut off */
};

struct file {
    char name[NAME_BYTES];
    unsigned char *bytes;
    int64_t size, room;
    struct change *changes;
    int change_count, change_room;
    int is_there;
    /* Locks of all connections: how many read, who writes. */
    int readers, has_reserved, has_pending, has_exclusive;
    /* The shared memory of the write-ahead log. */
    void *regions[REGIONS];
    int region_count, shm_users;
    int shm_shared[LOCK_SLOTS], shm_exclusive[LOCK_SLOTS];
    struct file *next;
};

struct memory_disk {
    sqlite3_vfs vfs;
    char name[64];
    struct file *files;
    int64_t limit, used, syncs;
    int is_broken, is_frozen;
};

/* What SQLite holds of an open file. */
struct handle {
    sqlite3_file base;
    struct memory_disk *disk;
    struct file *file;
    int lock, deletes_on_close, uses_shm;
    unsigned shm_shared, shm_exclusive;
};

/* --- Contents ---------------------------------------------------------------------------------------------------- */

static int grow(struct file *file, int64_t size) {
    if (size <= file->room) return SQLITE_OK;
    int64_t room = file->room ? file->room : 65536;
    while (room < size) room *= 2;
    unsigned char *bytes = realloc(file->bytes, (size_t)room);
    if (!bytes) return SQLITE_NOMEM;
    memset(bytes + file->room, 0, (size_t)(room - file->room));
    file->bytes = bytes;
    file->room = room;
    return SQLITE_OK;
}

static struct change *add_change(struct file *file) {
    if (file->change_count == file->change_room) {
        int room = file->change_room ? file->change_room * 2 : 64;
        struct change *changes = realloc(file->changes, (size_t)room * sizeof *changes);
        if (!changes) return NULL;
        file->changes = changes;
        file->change_room = room;
    }
    struct change *change = &file->changes[file->change_count++];
    memset(change, 0, sizeof *change);
    change->size_before = file->size;
    return change;
}

static unsigned char *copy_of(const void *bytes, int64_t count) {
    unsigned char *copy = malloc(count > 0 ? (size_t)count : 1);
    if (copy && count > 0) memcpy(copy, bytes, (size_t)count);
    return copy;
}

static void forget_changes(struct file *file) {
    for (int i = 0; i < file->change_count; i++) {
        free(file->changes[i].new_bytes);
        free(file->changes[i].old_bytes);
    }
    file->change_count = 0;
}

static void set_size(struct memory_disk *disk, struct file *file, int64_t size) {
    if (size < file->size) memset(file->bytes + size, 0, (size_t)(file->size - size));
    disk->used += size - file->size;
    file->size = size;
}

static void apply(struct memory_disk *disk, struct file *file, const struct change *change) {
    if (change->count < 0) {
        if (grow(file, change->offset) == SQLITE_OK) set_size(disk, file, change->offset);
        return;
    }
    int64_t end = change->offset + change->count;
    if (grow(file, end) != SQLITE_OK) return;
    if (end > file->size) set_size(disk, file, end);
    memcpy(file->bytes + change->offset, change->new_bytes, (size_t)change->count);
}

static void undo(struct memory_disk *disk, struct file *file, const struct change *change) {
    int64_t end = change->count < 0 ? change->size_before : change->offset + change->count;
    int64_t begin = change->offset;
    if (grow(file, change->size_before) != SQLITE_OK) return;
    set_size(disk, file, change->size_before);
    if (end > change->size_before) end = change->size_before;
    if (end > begin) memcpy(file->bytes + begin, change->old_bytes, (size_t)(end - begin));
}

static struct file *find(struct memory_disk *disk, const char *name) {
    for (struct file *file = disk->files; file; file = file->next)
        if (file->is_there && strcmp(file->name, name) == 0) return file;
    return NULL;
}

static struct file *make(struct memory_disk *disk, const char *name) {
    struct file *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    strncpy(file->name, name, NAME_BYTES - 1);
    file->is_there = 1;
    file->next = disk->files;
    disk->files = file;
    return file;
}

/* --- A file's methods -------------------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base);
static int file_unlock(sqlite3_file *base, int level);

static int file_read(sqlite3_file *base, void *into, int count, sqlite3_int64 offset) {
    struct file *file = ((struct handle *)base)->file;
    int64_t there = file->size - offset;
    if (there < 0) there = 0;
    if (there > count) there = count;
    if (there > 0) memcpy(into, file->bytes + offset, (size_t)there);
    if (there == count) return SQLITE_OK;
    memset((char *)into + there, 0, (size_t)(count - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *from, int count, sqlite3_int64 offset) {
    struct handle *handle = (struct handle *)base;
    struct memory_disk *disk = handle->disk;
    struct file *file = handle->file;
    int64_t end = offset + count;
    if (disk->is_frozen || disk->is_broken) return SQLITE_IOERR_WRITE;
    if (disk->limit >= 0 && end > file->size && disk->used + end - file->size > disk->limit) return SQLITE_FULL;
    if (grow(file, end) != SQLITE_OK) return SQLITE_IOERR_NOMEM;
    struct change *change = add_change(file);
    if (!change) return SQLITE_IOERR_NOMEM;
    change->offset = offset;
    change->count = count;
    change->old_bytes = copy_of(file->bytes + offset, count);
    change->new_bytes = copy_of(from, count);
    if (!change->old_bytes || !change->new_bytes) return SQLITE_IOERR_NOMEM;
    apply(disk, file, change);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    if (handle->disk->is_frozen || handle->disk->is_broken) return SQLITE_IOERR_TRUNCATE;
    struct change *change = add_change(file);
    if (!change || grow(file, size) != SQLITE_OK) return SQLITE_IOERR_NOMEM;
    change->offset = size;
    change->count = -1;
    if (size < file->size) {
        change->old_bytes = copy_of(file->bytes + size, file->size - size);
        if (!change->old_bytes) return SQLITE_IOERR_NOMEM;
    }
    set_size(handle->disk, file, size);
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags) {
    struct handle *handle = (struct handle *)base;
    (void)flags;
    if (handle->disk->is_frozen || handle->disk->is_broken) return SQLITE_IOERR_FSYNC;
    handle->disk->syncs++;
    forget_changes(handle->file);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    *size = ((struct handle *)base)->file->size;
    return SQLITE_OK;
}

/* Locks as https://sqlite.org/lockingv3.html has them, between the connections of one process. */
static int file_lock(sqlite3_file *base, int level) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    if (level <= handle->lock) return SQLITE_OK;
    if (handle->lock == SQLITE_LOCK_NONE) {
        if (file->has_pending || file->has_exclusive) return SQLITE_BUSY;
        file->readers++;
        handle->lock = SQLITE_LOCK_SHARED;
    }
    if (level >= SQLITE_LOCK_RESERVED && handle->lock == SQLITE_LOCK_SHARED) {
        if (file->has_reserved) return SQLITE_BUSY;
        file->has_reserved = 1;
        handle->lock = SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        file->has_pending = 1;
        handle->lock = SQLITE_LOCK_PENDING;
        if (file->readers > 1) return SQLITE_BUSY;
        file->has_exclusive = 1;
        handle->lock = SQLITE_LOCK_EXCLUSIVE;
    }
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    if (level >= handle->lock) return SQLITE_OK;
    if (handle->lock >= SQLITE_LOCK_EXCLUSIVE) file->has_exclusive = 0;
    if (handle->lock >= SQLITE_LOCK_PENDING) file->has_pending = 0;
    if (handle->lock >= SQLITE_LOCK_RESERVED) file->has_reserved = 0;
    if (level == SQLITE_LOCK_NONE) file->readers--;
    handle->lock = level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *is_reserved) {
    *is_reserved = ((struct handle *)base)->file->has_reserved;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return 0;
}

/* --- Shared memory of the write-ahead log ------------------------------------------------------------------------ */

static int shm_map(sqlite3_file *base, int region, int bytes, int extends, void volatile **into) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    *into = NULL;
    if (!handle->uses_shm) {
        handle->uses_shm = 1;
        file->shm_users++;
    }
    if (region >= REGIONS) return SQLITE_IOERR_SHMMAP;
    while (file->region_count <= region) {
        if (!extends) return SQLITE_OK;
        file->regions[file->region_count] = calloc(1, (size_t)bytes);
        if (!file->regions[file->region_count]) return SQLITE_IOERR_NOMEM;
        file->region_count++;
    }
    *into = file->regions[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int first, int count, int flags) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    unsigned mask = ((1u << count) - 1u) << first;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (int slot = first; slot < first + count; slot++) {
            if (handle->shm_exclusive & (1u << slot)) file->shm_exclusive[slot] = 0;
            if (handle->shm_shared & (1u << slot)) file->shm_shared[slot]--;
        }
        handle->shm_exclusive &= ~mask;
        handle->shm_shared &= ~mask;
        return SQLITE_OK;
    }
    int is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (int slot = first; slot < first + count; slot++) {
        int own = (handle->shm_shared >> slot) & 1u;
        if (file->shm_exclusive[slot] && !(handle->shm_exclusive & (1u << slot))) return SQLITE_BUSY;
        if (is_exclusive && file->shm_shared[slot] > own) return SQLITE_BUSY;
    }
    for (int slot = first; slot < first + count; slot++) {
        if (is_exclusive) file->shm_exclusive[slot] = 1;
        else if (!(handle->shm_shared & (1u << slot))) file->shm_shared[slot]++;
    }
    if (is_exclusive) handle->shm_exclusive |= mask;
    else handle->shm_shared |= mask;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) { (void)base; }

static int shm_unmap(sqlite3_file *base, int deletes) {
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    (void)deletes;
    if (!handle->uses_shm) return SQLITE_OK;
    shm_lock(base, 0, LOCK_SLOTS, SQLITE_SHM_UNLOCK);
    handle->uses_shm = 0;
    /* With its last user the index is gone, as after a kill: it is made anew from the log. */
    if (--file->shm_users > 0) return SQLITE_OK;
    for (int i = 0; i < file->region_count; i++) free(file->regions[i]);
    file->region_count = 0;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
    file_check_reserved, file_control, file_sector_size, file_characteristics, shm_map, shm_lock, shm_barrier,
    shm_unmap, NULL, NULL,
};

static int file_close(sqlite3_file *base) {
    struct handle *handle = (struct handle *)base;
    shm_unmap(base, 0);
    file_unlock(base, SQLITE_LOCK_NONE);
    if (handle->deletes_on_close && !handle->disk->is_frozen) {
        set_size(handle->disk, handle->file, 0);
        forget_changes(handle->file);
        handle->file->is_there = 0;
    }
    return SQLITE_OK;
}

/* --- The file system --------------------------------------------------------------------------------------------- */

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
    struct memory_disk *disk = vfs->pAppData;
    struct handle *handle = (struct handle *)base;
    memset(handle, 0, sizeof *handle);
    struct file *file = name ? find(disk, name) : NULL;
    if (!file) {
        if (name && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
        if (disk->is_frozen) return SQLITE_CANTOPEN;
        file = make(disk, name ? name : "");
        if (!file) return SQLITE_NOMEM;
    }
    handle->base.pMethods = &methods;
    handle->disk = disk;
    handle->file = file;
    handle->deletes_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int syncs_directory) {
    struct memory_disk *disk = vfs->pAppData;
    struct file *file = find(disk, name);
    (void)syncs_directory;
    if (disk->is_frozen || disk->is_broken) return SQLITE_IOERR_DELETE;
    if (!file) return SQLITE_IOERR_DELETE_NOENT;
    set_size(disk, file, 0);
    forget_changes(file);
    file->is_there = 0;
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *is_there) {
    (void)flags;
    *is_there = find(vfs->pAppData, name) != NULL;
    return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int count, char *into) {
    (void)vfs;
    strncpy(into, name, (size_t)count - 1);
    into[count - 1] = 0;
    return SQLITE_OK;
}

/* Chosen once: SQLite salts its log with it, and a simulation must run the same again. */
static int disk_randomness(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs;
    for (int i = 0; i < count; i++) into[i] = (char)(i * 37 + 11);
    return count;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int disk_time(sqlite3_vfs *vfs, double *julian_day) {
    (void)vfs;
    *julian_day = 2461041.5;
    return SQLITE_OK;
}

static int disk_error(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs, (void)count, (void)into;
    return 0;
}

struct memory_disk *memory_disk_new(const char *name) {
    struct memory_disk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    strncpy(disk->name, name, sizeof disk->name - 1);
    disk->limit = -1;
    disk->vfs = (sqlite3_vfs){
        .iVersion = 1, .szOsFile = sizeof(struct handle), .mxPathname = NAME_BYTES - 1, .zName = disk->name,
        .pAppData = disk, .xOpen = disk_open, .xDelete = disk_delete, .xAccess = disk_access,
        .xFullPathname = disk_full_path, .xRandomness = disk_randomness, .xSleep = disk_sleep,
        .xCurrentTime = disk_time, .xGetLastError = disk_error,
    };
    sqlite3_vfs_register(&disk->vfs, 0);
    return disk;
}

void memory_disk_free(struct memory_disk *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    while (disk->files) {
        struct file *file = disk->files;
        disk->files = file->next;
        forget_changes(file);
        free(file->changes);
        free(file->bytes);
        free(file);
    }
    free(disk);
}

void memory_disk_set_room(struct memory_disk *disk, int64_t bytes) { disk->limit = bytes; }
int64_t memory_disk_used(const struct memory_disk *disk) { return disk->used; }
void memory_disk_set_broken(struct memory_disk *disk, int is_broken) { disk->is_broken = is_broken; }
void memory_disk_set_frozen(struct memory_disk *disk, int is_frozen) { disk->is_frozen = is_frozen; }
int64_t memory_disk_syncs(const struct memory_disk *disk) { return disk->syncs; }

static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The disk wrote in an order of its own: back to the last sync, and then any of the writes since. */
static void lose_some(struct memory_disk *disk, struct file *file, uint64_t *state) {
    for (int i = file->change_count - 1; i >= 0; i--) undo(disk, file, &file->changes[i]);
    for (int i = 0; i < file->change_count; i++)
        if (next_random(state) & 1u) apply(disk, file, &file->changes[i]);
    forget_changes(file);
}

void memory_disk_cut_power(struct memory_disk *disk, uint64_t seed) {
    uint64_t state = seed;
    for (struct file *file = disk->files; file; file = file->next) lose_some(disk, file, &state);
}
