// What Linux has and Swift's Glibc module leaves out.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <sys/statfs.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

/// The magic number of the file system that holds `path` (statfs(2)), or -1 with errno set.
static inline long shopctl_filesystem_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

/// The last `byte` in `count` bytes from `start` (memrchr(3)), or NULL.
extern void *memrchr(const void *start, int byte, size_t count);

/// Locks one byte of the file for this open file description, or gives it back (fcntl(2), OFD
/// locks): 0, or -1 with errno set; EAGAIN where another one has it.
static inline int shopctl_mark_byte(int file, long long offset, int marking) {
    struct flock range = {.l_type = marking ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET,
                          .l_start = offset, .l_len = 1};
    return fcntl(file, F_OFD_SETLK, &range);
}

/// Whether another open file description has a lock on a byte from `from` up to, not including,
/// `end`; 0 for no end. -1 with errno set where that cannot be told.
static inline int shopctl_bytes_marked(int file, long long from, long long end) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = from,
                          .l_len = end ? end - from : 0};
    if (fcntl(file, F_OFD_GETLK, &range) != 0) return -1;
    return range.l_type != F_UNLCK;
}
