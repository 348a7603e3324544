/*
 * Sets up the thread pointer of a program that has no thread-local storage. tools/static.ld sees to it that the
 * products have none, so nothing reads a thread's `dtv`, which stays NULL. musl's own code is larger by a sixtieth of
 * init, as it reads the program headers and lays out what they ask for.
 */
#define SYSCALL_NO_TLS 1
#include <stddef.h>
#include <stdint.h>

#include "pith/layout.h"
#include "pthread_impl.h"

enum { ALIGNMENT = 16 };

HOT_STATE volatile int __thread_list_lock;

void *__copy_tls(unsigned char *memory);

HOT int __init_tp(void *memory)
{
    pthread_t self = memory;
    int result = __set_thread_area(TP_ADJ(memory));

    if (result < 0)
        return -1;
    libc.can_do_threads = result == 0;
    self->self = self->prev = self->next = self;
    self->detach_state = DT_JOINABLE;
    self->tid = __syscall(SYS_set_tid_address, &__thread_list_lock);
    self->locale = &libc.global_locale;
    self->robust_list.head = &self->robust_list.head;
    self->sysinfo = __sysinfo;
    return 0;
}

/* Where in MEMORY, which has libc.tls_size bytes, the structure of a new thread lies. */
void *__copy_tls(unsigned char *memory)
{
    return memory + (-(uintptr_t)memory & (ALIGNMENT - 1));
}

HOT void __init_tls(size_t *auxiliary)
{
    static HOT_STATE struct pthread self __attribute__((aligned(ALIGNMENT)));

    (void)auxiliary;
    libc.tls_size = sizeof self + ALIGNMENT;
    if (__init_tp(&self) < 0)
        a_crash();
}
