// What Linux has and Swift's Glibc module does not show.
#pragma once
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

// These are declared only under _GNU_SOURCE, which cannot be defined for headers that another module owns.
int posix_openpt(int flags);
int grantpt(int descriptor);
int unlockpt(int descriptor);
int ptsname_r(int descriptor, char *name, unsigned long length);
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
int pipe2(int *descriptors, int flags);
int pidfd_open(int process, unsigned int flags);
int pidfd_send_signal(int descriptor, int signal, void *information, unsigned int flags);
