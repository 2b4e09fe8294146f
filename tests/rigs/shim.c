/* Writes down what a process does to the files of one folder, in order: writes, syncs, truncations, new and changed
 * names. Loaded with LD_PRELOAD. CASEBOOK_SHIM_FOLDER is the folder, CASEBOOK_SHIM_LOG the file that is written.
 *
 * A record is a line `kind inode offset length path\n`, for a write followed by its bytes and, for a rename, by the new
 * path. The log is appended under a lock, so it is the order in which the calls returned.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char folder[PATH_MAX];
static ssize_t (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("CASEBOOK_SHIM_FOLDER"), *into = getenv("CASEBOOK_SHIM_LOG");
    real_write = dlsym(RTLD_NEXT, "write");
    if (where == NULL || into == NULL) return;
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    snprintf(folder, sizeof folder, "%s/", where);
    log_fd = real_open(into, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_ours(const char *path) {
    return log_fd >= 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static void put(const void *data, size_t size) {
    const char *rest = data;
    while (size > 0) {
        ssize_t done = real_write(log_fd, rest, size);
        if (done <= 0) abort();
        rest += done;
        size -= (size_t)done;
    }
}

static void record(char kind, unsigned long inode, long long offset, const char *path, const void *data, size_t size) {
    char line[PATH_MAX + 128];
    int length = snprintf(line, sizeof line, "%c %lu %lld %zu %s\n", kind, inode, offset, size, path);
    pthread_mutex_lock(&lock);
    put(line, (size_t)length);
    if (data != NULL) put(data, size);
    pthread_mutex_unlock(&lock);
}

/* The path behind a descriptor, and its inode; 0 for what is not ours. */
static int known(int fd, char *path, struct stat *facts) {
    char link[64];
    if (log_fd < 0 || fd == log_fd) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder) - 1) != 0) return 0;
    return fstat(fd, facts) == 0 && (S_ISREG(facts->st_mode) || S_ISDIR(facts->st_mode));
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void wrote(int fd, long long offset, const void *data, ssize_t done) {
    char path[PATH_MAX];
    struct stat facts;
    if (done > 0 && known(fd, path, &facts)) {
        if (offset < 0) offset = (long long)lseek(fd, 0, SEEK_CUR) - done; /* where the write ended, O_APPEND or not */
        record('w', facts.st_ino, offset, path, data, (size_t)done);
    }
}

ssize_t write(int fd, const void *data, size_t size) {
    if (real_write == NULL) real_write = dlsym(RTLD_NEXT, "write");
    ssize_t done = real_write(fd, data, size);
    wrote(fd, -1, data, done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    REAL(pwrite);
    ssize_t done = real(fd, data, size, offset);
    wrote(fd, offset, data, done);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    REAL(pwrite64);
    ssize_t done = real(fd, data, size, offset);
    wrote(fd, offset, data, done);
    return done;
}

static int noted(int fd, char kind, long long offset, int result) {
    char path[PATH_MAX];
    struct stat facts;
    if (result == 0 && known(fd, path, &facts))
        record(S_ISDIR(facts.st_mode) ? 'd' : kind, facts.st_ino, offset, path, NULL, 0);
    return result;
}

int fsync(int fd) {
    REAL(fsync);
    return noted(fd, 's', 0, real(fd));
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return noted(fd, 's', 0, real(fd));
}

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    return noted(fd, 't', size, real(fd, size));
}

int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    return noted(fd, 't', size, real(fd, size));
}

static void opened(const char *path, int flags, int existed, int fd) {
    struct stat facts;
    if (fd < 0 || !is_ours(path) || fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return;
    if ((flags & O_CREAT) && !existed) record('c', facts.st_ino, 0, path, NULL, 0);
    else if (flags & O_TRUNC) record('t', facts.st_ino, 0, path, NULL, 0);
}

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int existed = access(path, F_OK) == 0, fd = real(path, flags, mode); \
        opened(path, flags, existed, fd); \
        return fd; \
    }

OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int existed = faccessat(at, path, F_OK, 0) == 0, fd = real(at, path, flags, mode); \
        opened(path, flags, existed, fd); \
        return fd; \
    }

OPENING_AT(openat)
OPENING_AT(openat64)

int unlink(const char *path) {
    REAL(unlink);
    int result = real(path);
    if (result == 0 && is_ours(path)) record('u', 0, 0, path, NULL, 0);
    return result;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    int result = real(from, to);
    if (result == 0 && is_ours(to)) record('r', 0, 0, from, to, strlen(to));
    return result;
}
