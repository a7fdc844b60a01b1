#include "host_disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14, madvise(2) */
#endif

static const char name[] = "flowlab-host";
static sqlite3_vfs host;
static const sqlite3_vfs *plain;
static sqlite3_io_methods methods;
static const sqlite3_io_methods *plain_methods;
static const char *registered;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* An older kernel does not know the advice, and a reader's mapping may not be written: then all is as SQLite does it. */
static int map_index(sqlite3_file *file, int region, int bytes, int may_grow, void volatile **mapped) {
    int code = plain_methods->xShmMap(file, region, bytes, may_grow, mapped);
    if (code != SQLITE_OK || !*mapped) return code;
    if (madvise((void *)*mapped, (size_t)bytes, MADV_POPULATE_WRITE) == 0 || errno != EFAULT) return code;
    *mapped = NULL;
    return SQLITE_IOERR_SHMSIZE;
}

/* SQLite has one table of methods for all files that it locks in the same way; others are left as they are. */
static void take_methods(sqlite3_file *file) {
    pthread_mutex_lock(&lock);
    if (!plain_methods) {
        plain_methods = file->pMethods;
        memcpy(&methods, plain_methods, sizeof methods);
        methods.xShmMap = map_index;
    }
    if (file->pMethods == plain_methods) file->pMethods = &methods;
    pthread_mutex_unlock(&lock);
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *got) {
    (void)vfs;
    int code = plain->xOpen((sqlite3_vfs *)plain, path, file, flags, got);
    if ((flags & SQLITE_OPEN_MAIN_DB) && file->pMethods && file->pMethods->iVersion >= 3) take_methods(file);
    return code;
}

static void enter(void) {
    plain = sqlite3_vfs_find(NULL);
    if (!plain) return;
    memcpy(&host, plain, sizeof host);
    host.zName = name;
    host.pNext = NULL;
    host.xOpen = open_file;
    if (sqlite3_vfs_register(&host, 0) == SQLITE_OK) registered = name;
}

const char *host_disk_name(void) {
    pthread_once(&once, enter);
    return registered;
}
