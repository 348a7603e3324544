/* Sets a program's registers by ptrace(2) and lets it take one step. */
#include "support/inject.h"

#include "support/proc.h"
#include "support/test.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

enum { BELOW_STACK = 65536, COPY_MAX = 256, COPIES = 3 };

/* Waits until PID stops: true; or has ended: false, and its status is left to be waited for. */
static bool await_stop(pid_t pid)
{
    siginfo_t info;
    int status;

    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT), 0);
    if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
        return false;
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    return true;
}

void inject_begin(pid_t pid)
{
    assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL), 0);
    assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0);
    assert_true(await_stop(pid));
}

long inject_string(pid_t pid, const char *string)
{
    return inject_bytes(pid, string, strlen(string) + 1);
}

long inject_attempt(pid_t pid, const struct attempt *attempt)
{
    long arguments[6];

    for (size_t i = 0; i < 6; i++) {
        arguments[i] = attempt->arguments[i];
        if (arguments[i] == INJECT_A_PATH)
            arguments[i] = inject_string(pid, "/proc/self/exe");
        else if (arguments[i] == INJECT_NO_PATH)
            arguments[i] = inject_string(pid, "/nonexistent/file");
        else if (arguments[i] == INJECT_OWN_PID)
            arguments[i] = proc_inner(pid);
    }
    return inject_call(pid, attempt->call, arguments);
}

#ifdef __x86_64__

enum { INSTRUCTION_SIZE = 2 }; /* of `syscall`, behind which the program stopped, and of `int $0x80` */
static const uint64_t gate_64 = 0x050f, gate_32 = 0x80cd, gate_mask = 0xffff;

bool inject_is_possible(void)
{
    return true;
}

long inject_bytes(pid_t pid, const void *bytes, size_t size)
{
    static unsigned next;
    struct user_regs_struct registers;
    long word;

    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &registers), 0);
    uint64_t at = (registers.rsp - BELOW_STACK + next++ % COPIES * COPY_MAX) & ~UINT64_C(7);
    for (size_t i = 0; i < size; i += sizeof word) {
        word = 0;
        memcpy(&word, (const char *)bytes + i, size - i < sizeof word ? size - i : sizeof word);
        assert_int_equal(ptrace(PTRACE_POKEDATA, pid, at + i, word), 0);
    }
    return (long)at;
}

static long call_by(pid_t pid, uint64_t gate, struct user_regs_struct registers)
{
    struct user_regs_struct kept;

    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &kept), 0);
    registers.rip = kept.rip - INSTRUCTION_SIZE;
    uint64_t word = (uint64_t)ptrace(PTRACE_PEEKTEXT, pid, registers.rip, NULL);
    assert_int_equal(ptrace(PTRACE_POKETEXT, pid, registers.rip, (word & ~gate_mask) | gate), 0);
    registers.orig_rax = (uint64_t)-1; /* the call that it stopped in is not made again */
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &registers), 0);
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
    if (!await_stop(pid))
        return INJECT_ENDED;
    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &registers), 0);
    assert_int_equal(ptrace(PTRACE_POKETEXT, pid, kept.rip - INSTRUCTION_SIZE, word), 0);
    kept.orig_rax = (uint64_t)-1;
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &kept), 0);
    return (long)registers.rax;
}

long inject_call(pid_t pid, long call, const long arguments[6])
{
    struct user_regs_struct registers;

    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &registers), 0);
    registers.rax = (uint64_t)call;
    registers.rdi = (uint64_t)arguments[0];
    registers.rsi = (uint64_t)arguments[1];
    registers.rdx = (uint64_t)arguments[2];
    registers.r10 = (uint64_t)arguments[3];
    registers.r8 = (uint64_t)arguments[4];
    registers.r9 = (uint64_t)arguments[5];
    return call_by(pid, gate_64, registers);
}

long inject_call_32(pid_t pid, long call, const long arguments[6])
{
    struct user_regs_struct registers;

    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &registers), 0);
    registers.rax = (uint64_t)call;
    registers.rbx = (uint64_t)arguments[0];
    registers.rcx = (uint64_t)arguments[1];
    registers.rdx = (uint64_t)arguments[2];
    registers.rsi = (uint64_t)arguments[3];
    registers.rdi = (uint64_t)arguments[4];
    registers.rbp = (uint64_t)arguments[5];
    return call_by(pid, gate_32, registers);
}

#else

bool inject_is_possible(void)
{
    return false;
}

long inject_bytes(pid_t pid, const void *bytes, size_t size)
{
    (void)pid, (void)bytes, (void)size;
    return 0;
}

long inject_call(pid_t pid, long call, const long arguments[6])
{
    (void)pid, (void)call, (void)arguments;
    return INJECT_ENDED;
}

long inject_call_32(pid_t pid, long call, const long arguments[6])
{
    return inject_call(pid, call, arguments);
}

#endif
