// Tells the thread sanitizer of locks that it cannot see; nothing at all in other builds.
//
// Swift's Mutex takes a free lock by an atomic operation in our own code, which the sanitizer sees. One that is held is
// waited for in the library, which is not instrumented: without the calls below every Mutex that two threads want at
// once would be reported. The functions stand before the library's and call them.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
typedef SWIFT void lock_function(uint32_t thread, SELF void *self);
typedef SWIFT void unlock_function(SELF void *self);

SWIFT void pp_lock_slow(uint32_t thread, SELF void *self)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void pp_unlock_slow(SELF void *self) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

SWIFT void pp_lock_slow(uint32_t thread, SELF void *self) {
    lock_function *wait = (lock_function *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    wait(thread, self);
    __tsan_acquire(self);
}

SWIFT void pp_unlock_slow(SELF void *self) {
    unlock_function *wake = (unlock_function *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    __tsan_release(self);
    wake(self);
}
#endif
#endif
typedef int pp_sanitizer_is_not_empty;
