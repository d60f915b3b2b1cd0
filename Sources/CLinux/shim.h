// What Linux has and Swift's Glibc module leaves out.
#include <stddef.h>
#include <sys/statfs.h>

/// The magic number of the file system that holds `path` (statfs(2)), or -1 with errno set.
static inline long shopctl_filesystem_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

/// The last `byte` in `count` bytes from `start` (memrchr(3)), or NULL.
extern void *memrchr(const void *start, int byte, size_t count);
