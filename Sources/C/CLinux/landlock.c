#define _GNU_SOURCE
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same on every machine; older headers lack them.
enum { MAKE_RULESET = 444, ADD_RULE = 445, ENTER = 446 };

enum {
    SCOPE_ABSTRACT_SOCKETS = 1,
    SCOPE_SIGNALS = 2,
    PATH_BENEATH = 1,
    ASK_VERSION = 1,
};

// Rights on files, as the kernel numbers them; running and listing are left out, since neither tells contents.
enum {
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    // Removing folders and files, making devices, folders, files, sockets, pipes and links.
    CHANGE_FOLDER = 0x1ff0,
    MAKE_BLOCK_DEVICE = 1 << 11,
    // Renaming and linking between folders; without a rule for it every ruleset with rights on files forbids it.
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
};

struct ruleset {
    uint64_t files, network, scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t path;
} __attribute__((packed));

int pp_landlock_version(void) {
    long version = syscall(MAKE_RULESET, NULL, 0, ASK_VERSION);
    return version < 2 ? 0 : (int)version;
}

static uint64_t change_rights(int version) {
    return WRITE_FILE | READ_FILE | CHANGE_FOLDER | REFER | (version >= 3 ? TRUNCATE : 0);
}

// Some right must be named for the kernel to take a ruleset: one that programs without capabilities lack anyway.
static int allow_everything(int ruleset) {
    struct path_rule rule = {MAKE_BLOCK_DEVICE | REFER, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (rule.path < 0) return -1;
    int result = (int)syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0);
    close(rule.path);
    return result;
}

int pp_landlock_make(int version, int wanted) {
    struct ruleset attributes = {0, 0, 0};
    // The kernel refuses a longer structure than its own only when what it does not know is not zero.
    if ((wanted & PP_LANDLOCK_SCOPE) && version >= 6) attributes.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    if (wanted & PP_LANDLOCK_FILES) attributes.files = change_rights(version);
    int is_empty = attributes.files == 0 && attributes.scoped == 0;
    if (is_empty) attributes.files = MAKE_BLOCK_DEVICE | REFER;
    int ruleset = (int)syscall(MAKE_RULESET, &attributes, sizeof attributes, 0);
    if (ruleset < 0) return -1;
    if (is_empty && allow_everything(ruleset) != 0) {
        int code = errno;
        close(ruleset);
        errno = code;
        return -1;
    }
    // 0 to 2 are what programs are started with.
    if (ruleset > 2) return ruleset;
    int higher = fcntl(ruleset, F_DUPFD_CLOEXEC, 3);
    close(ruleset);
    return higher;
}

static int allow(int ruleset, int version, int path, enum pp_landlock_use use) {
    struct stat status;
    if (fstat(path, &status) != 0) return -1;
    // A link counts by what it leads to, which has a rule of its own.
    if (S_ISLNK(status.st_mode)) return 0;
    uint64_t rights = use == PP_LANDLOCK_READ ? READ_FILE : change_rights(version);
    // Rights that only a folder can have are refused for a file.
    if (!S_ISDIR(status.st_mode)) rights &= WRITE_FILE | READ_FILE | TRUNCATE;
    struct path_rule rule = {rights, path};
    return (int)syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0);
}

int pp_landlock_allow(int ruleset, int version, const char *path, enum pp_landlock_use use) {
    int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int result = file < 0 ? -1 : allow(ruleset, version, file, use);
    int code = errno;
    if (file >= 0) close(file);
    int is_shortage = code == EMFILE || code == ENFILE || code == ENOMEM;
    errno = code;
    return result == 0 || !is_shortage ? 0 : -1;
}

int pp_landlock_replace(int ruleset, int descriptor) {
    int result = dup3(ruleset, descriptor, O_CLOEXEC);
    int code = errno;
    close(ruleset);
    errno = code;
    return result < 0 ? -1 : 0;
}

int pp_landlock_enter(int ruleset) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return (int)syscall(ENTER, ruleset, 0);
}

int pp_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
