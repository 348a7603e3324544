/* Init between a terminal, a shell with job control, and COMMAND: ^Z, fg, bg, ^C and the hang-up. */
#include "support/proc.h"
#include "support/run.h"
#include "support/subject.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define INTERRUPT    "\003"
#define END_OF_INPUT "\004"
#define SUSPEND      "\032"
#define QUIT         "\034"

static struct subject s;
static struct stream terminal;
static int master;

/* What a program that leads the session of the terminal does first. Without an echo only what is said is seen. */
static void lead_session(void *name)
{
    struct termios modes;

    setsid();
    int slave = open(name, O_RDWR);
    if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0 || tcgetattr(slave, &modes) != 0)
        _exit(98);
    modes.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(slave, TCSANOW, &modes);
    for (int fd = 0; fd <= 2; fd++)
        dup2(slave, fd);
    if (slave > 2)
        close(slave);
}

static struct subject_options on_terminal(void)
{
    static char name[64];

    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    assert_int_equal(ptsname_r(master, name, sizeof name), 0);
    stream_open(&terminal, master);
    return (struct subject_options){ .own_io = true, .before = lead_session, .argument = name };
}

static void type(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void type(const char *format, ...)
{
    char line[1024];
    va_list values;

    va_start(values, format);
    int length = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    assert_int_equal(write(master, line, (size_t)length), length);
}

static void expect(const char *text)
{
    stream_await(&terminal, text);
}

/* *STATE is the shell. */
static void start_shell(void **state)
{
    struct subject_options options = on_terminal();
    bool bash = strstr(*state, "bash");

    options.binary = *state;
    options.argv0 = "shell";
    options.set = (const char *[]){ "PS1=", "PS2=", NULL };
    if (bash)
        subject_start(&s, &options, "--norc", "--noprofile", "--noediting", "-i", NULL);
    else
        subject_start(&s, &options, "-i", NULL);
    type("echo shell is $((40 + 2))\n");
    expect("shell is 42");
}

static void expect_shell_in_front(void)
{
    type("echo status $?, in front $((40 + 3))\n");
    expect("in front 43");
}

static void expect_job_in_front(const char *line)
{
    char answer[64];

    type("%s\n", line);
    snprintf(answer, sizeof answer, "job: read %s", line);
    expect(answer);
}

static void suspend_comes_back_to_the_shell_and_fg_goes_on(void **state)
{
    start_shell(state);
    type("%s job\n", subject_binary());
    expect("job: ready in front");
    for (int i = 0; i < 3; i++) {
        expect_job_in_front("one");
        type(SUSPEND);
        expect("topped"); /* bash and dash differ in the case of the letter before */
        pid_t init = proc_child(s.pid);
        await_state(init, 'T');
        await_state(proc_child(init), 'T');
        expect_shell_in_front();
        type("fg\n");
        expect("job: resumed");
    }
    expect_job_in_front("two");
    assert_count(terminal.bytes, "job: resumed", 3);
    type("exit 6\n");
    type("echo status $?.\n");
    expect("status 6.");
}

static void bg_lets_it_run_behind_until_it_reads(void **state)
{
    start_shell(state);
    type("%s job\n", subject_binary());
    expect("job: ready in front");
    type(SUSPEND);
    expect("topped");
    pid_t init = proc_child(s.pid);
    await_state(init, 'T');
    type("bg\n");
    expect("job: resumed");
    /* it reads from a terminal it does not have: TTIN */
    await_state(proc_child(init), 'T');
    await_state(init, 'T');
    expect_shell_in_front();
    type("fg\n");
    expect_job_in_front("three");
    type(END_OF_INPUT);
    expect("job: end of input");
    type("echo status $?.\n");
    expect("status 9.");
}

static void started_behind_it_does_not_take_the_terminal(void **state)
{
    start_shell(state);
    type("%s job &\n", subject_binary());
    expect("job: ready behind");
    pid_t init = proc_child(s.pid);
    await_state(proc_child(init), 'T');
    await_state(init, 'T');
    expect_shell_in_front();
    type("fg\n");
    expect_job_in_front("four");
    type(SUSPEND);
    expect("topped");
    expect_shell_in_front();
}

/* KEY discards what was typed ahead of its signal: nothing is typed before init has ended. */
static void end_by_key(const char *key)
{
    pid_t init = proc_child(s.pid);

    expect("job: ready");
    expect_job_in_front("five");
    type("%s", key);
    await_gone(init);
}

static void interrupt_and_quit_end_command_and_the_status_says_so(void **state)
{
    start_shell(state);
    type("%s job\n", subject_binary());
    end_by_key(INTERRUPT);
    type("echo status $?.\n");
    expect("status 130.");
    type("%s job\n", subject_binary());
    end_by_key(QUIT);
    type("echo status $?.\n");
    expect("status 131.");
}

/* Each process of a pipeline of dash takes the terminal for the group, also after COMMAND was handed it. */
static void it_may_stand_in_a_pipeline(void **state)
{
    start_shell(state);
    type("%s job | cat\n", subject_binary());
    end_by_key(INTERRUPT);
    expect_shell_in_front();
}

/* The key stops COMMAND's group, and init with it; the rest of the job is for the shell, or for the key once more. */
static void a_suspended_job_with_others_gets_the_terminal_back(void **state)
{
    start_shell(state);
    type("%s job | cat\n", subject_binary());
    expect("job: ready");
    expect_job_in_front("five");
    pid_t init = proc_child(s.pid);
    type(SUSPEND);
    await_state(init, 'T');
    type(SUSPEND);
    expect("topped");
    expect_shell_in_front();
    type("fg\n");
    expect("job: resumed");
    expect_job_in_front("six");
}

static void the_hang_up_ends_all(void **state)
{
    start_shell(state);
    type("%s job\n", subject_binary());
    expect("job: ready in front");
    pid_t init = proc_child(s.pid), job = proc_child(init);
    stream_close(&terminal);
    await_gone(job);
    await_gone(init);
    await_gone(s.pid);
}

static void the_hang_up_ends_a_suspended_job(void **state)
{
    start_shell(state);
    type("%s job\n", subject_binary());
    expect("job: ready in front");
    pid_t init = proc_child(s.pid), job = proc_child(init);
    type(SUSPEND);
    expect("topped");
    expect_shell_in_front();
    stream_close(&terminal);
    await_gone(job);
    await_gone(init);
}

/* --- without a shell, as `docker run -it` has it ------------------------------------------------ */

static struct subject_options alone(void **state)
{
    struct subject_options options = on_terminal();

    options.pid1 = *state != NULL;
    return options;
}

static void command_has_the_terminal_and_its_keys(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "job", NULL);
    expect("job: ready in front");
    expect_job_in_front("six");
    type(INTERRUPT);
    assert_int_equal(subject_wait(&s), 128 + SIGINT);
    stream_close(&terminal);
}

/*
 * There is no shell that could: the key would be the container's end. That is so for PID 1, and where init leads the
 * session of the terminal, as in a PID namespace that containers share.
 */
static void a_command_that_the_terminal_suspends_is_resumed_at_once(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "job", NULL);
    expect("job: ready in front");
    for (int i = 0; i < 3; i++) {
        type(SUSPEND);
        expect("job: resumed");
        expect_job_in_front("seven");
    }
    type("exit 2\n");
    assert_int_equal(subject_wait(&s), 2);
}

/* The whole job: a shell script, of which dash waits for its child, gets the key as one group. */
static void the_group_of_such_a_command_is_resumed_with_it(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "dash", "-c", "job; echo job ended with $?", NULL);
    expect("job: ready in front");
    type(SUSPEND);
    expect("job: resumed");
    expect_job_in_front("eight");
    type("exit 3\n");
    expect("job ended with 3");
    assert_int_equal(subject_wait(&s), 0);
}

/* As where COMMAND has put a job of its own in front, and asks for the terminal while that has it. */
static void such_a_command_that_wants_the_terminal_back_gets_it(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "python3", "-c",
                  "import os, signal\n"
                  "child = os.fork()\n"
                  "if child == 0: signal.pause()\n"
                  "os.setpgid(child, child)\n"
                  "os.tcsetpgrp(0, child)\n"
                  "print('behind')\n"
                  "print('read', os.read(0, 9))\n",
                  NULL);
    expect("behind");
    type("twelve\n");
    expect("read b'twelve\\n'");
    assert_int_equal(subject_wait(&s), 0);
}

/* Init has heard of what became of COMMAND, and sleeps again. */
static void expect_left_suspended(pid_t command)
{
    await_state(command, 'T');
    await_heard(s.pid, SIGCHLD);
    await_state(s.pid, 'S');
    assert_string_equal(proc_status(command, "State"), "T (stopped)");
}

static void what_somebody_suspends_stays_suspended(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "job", NULL);
    expect("job: ready in front");
    pid_t job = proc_child(s.pid);
    kill(job, SIGSTOP);
    expect_left_suspended(job);
    kill(s.pid, SIGCONT);
    expect("job: resumed");
    kill(s.pid, SIGTSTP);
    expect_left_suspended(job);
    kill(s.pid, SIGCONT);
    expect("job: resumed");
    /* that was then: the key means what it meant before */
    type(SUSPEND);
    expect("job: resumed");
    expect_job_in_front("nine");
}

/* As when a shell brings init to the front in the moment in which COMMAND, still behind, reads. */
static void a_command_kept_from_the_terminal_gets_it_when_init_has_it(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "python3", "-c",
                  "import os\n"
                  "os.tcsetpgrp(0, os.getpgid(os.getppid()))\n"
                  "print('behind')\n"
                  "print('read', os.read(0, 9))\n",
                  NULL);
    expect("behind");
    type("nine\n");
    expect("read b'nine\\n'");
    assert_int_equal(subject_wait(&s), 0);
}

/* Whoever started init may be a script, which has no job control and takes nothing back by itself. */
static void the_terminal_comes_back_when_command_has_ended(void **state)
{
    struct subject_options options = alone(state);
    char script[256];

    snprintf(script, sizeof script, "%s %s; echo status $?.; read line; echo read $line.", subject_binary(),
             (const char *)*state);
    options.pid1 = false;
    options.binary = "/bin/dash";
    options.argv0 = "script";
    subject_start(&s, &options, "-c", script, NULL);
    expect("status ");
    type("ten\n");
    expect("read ten.");
    assert_int_equal(subject_wait(&s), 0);
}

/* Runs LINE by a shell without job control, types a line, and awaits that the script has read it. */
static void expect_read_by_script(void **state, const char *line)
{
    struct subject_options options = alone(state);

    options.pid1 = false;
    options.binary = "/bin/dash";
    options.argv0 = "script";
    subject_start(&s, &options, "-c", line, NULL);
    expect("ready");
    type("eleven\n");
    expect("read eleven.");
}

/* Such a shell resumes nobody, and there is none above it: as where it is PID 1 of a container. */
static void a_command_behind_a_script_that_the_terminal_suspends_is_resumed(void **state)
{
    struct subject_options options = alone(state);
    char line[256];

    snprintf(line, sizeof line, "%s job; echo over $?.", subject_binary());
    options.binary = "/bin/dash";
    options.argv0 = "script";
    subject_start(&s, &options, "-c", line, NULL);
    expect("job: ready in front");
    type(SUSPEND);
    expect("job: resumed");
    type("exit 4\n");
    expect("over 4.");
}

static void behind_a_script_it_leaves_the_terminal_to_that(void **state)
{
    char line[256];

    snprintf(line, sizeof line, "%s pause & read line; echo read $line.", subject_binary());
    expect_read_by_script(state, line);
}

/* Whatever of the three is redirected: one that is the terminal is enough. */
static void what_reads_from_the_terminal_by_name_gets_it(void **state)
{
    static const char *const redirections[] = { "</dev/null", "</dev/null 2>/dev/null" };
    char line[256];

    for (size_t i = 0; i < COUNT(redirections); i++) {
        snprintf(line, sizeof line,
                 "%s dash -c 'echo ready; read line </dev/tty; echo read $line.' %s; echo status $?.", subject_binary(),
                 redirections[i]);
        expect_read_by_script(state, line);
        expect("status 0.");
        assert_int_equal(subject_wait(&s), 0);
        stream_close(&terminal);
    }
}

static void the_keys_reach_what_is_left_when_command_has_ended(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "--grace=9s", "tree", "-x", "3", "session+stubborn", NULL);
    expect("session+stubborn got 15");
    type(INTERRUPT);
    expect("session+stubborn got 2");
}

static void the_hang_up_reaches_command(void **state)
{
    struct subject_options options = alone(state);

    subject_start(&s, &options, "pause", NULL);
    expect("ready");
    stream_close(&terminal);
    assert_int_equal(subject_wait(&s), 128 + SIGHUP);
}

static void dumb_init_hands_the_terminal_to_commands_session(void **state)
{
    struct subject_options options = alone(state);

    options.argv0 = "dumb-init";
    subject_start(&s, &options, "job", NULL);
    expect("job: ready in front");
    expect_job_in_front("eight");
    type(INTERRUPT);
    assert_int_equal(subject_wait(&s), 128 + SIGINT);
}

/* clang-format off */
#define SHELLS(test)                                                         \
    { #test " (bash)", test, NULL, subject_end_all, (void *)"/bin/bash" },   \
    { #test " (dash)", test, NULL, subject_end_all, (void *)"/bin/dash" }
/* clang-format on */

/* ^C is for the foreground, which is the step's group. Each step has the terminal, and COMMAND after them. */
static void interrupt_ends_the_step_and_init_starts_nothing_more(void **state)
{
    struct subject_options options = on_terminal();

    options.pid1 = *state != NULL;
    subject_start(&s, &options, "--before", "job", "--before", "job", "--", "job", NULL);
    expect("job: ready in front");
    type("exit 0\n");
    expect("job: ready in front");
    type(INTERRUPT);
    assert_int_equal(subject_wait(&s), 128 + SIGINT);
    assert_false(stream_comes(&terminal, "ready", 100));
    options = on_terminal();
    options.pid1 = *state != NULL;
    subject_start(&s, &options, "--before", "job", "--", "job", NULL);
    expect("job: ready in front");
    type("exit 0\n");
    expect("job: ready in front");
    type("exit 6\n");
    assert_int_equal(subject_wait(&s), 6);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        SHELLS(suspend_comes_back_to_the_shell_and_fg_goes_on),
        SHELLS(bg_lets_it_run_behind_until_it_reads),
        SHELLS(started_behind_it_does_not_take_the_terminal),
        SHELLS(interrupt_and_quit_end_command_and_the_status_says_so),
        SHELLS(it_may_stand_in_a_pipeline),
        SHELLS(a_suspended_job_with_others_gets_the_terminal_back),
        SHELLS(the_hang_up_ends_all),
        SHELLS(the_hang_up_ends_a_suspended_job),
        BOTH(command_has_the_terminal_and_its_keys),
        BOTH(interrupt_ends_the_step_and_init_starts_nothing_more),
        BOTH(a_command_that_the_terminal_suspends_is_resumed_at_once),
        BOTH(the_group_of_such_a_command_is_resumed_with_it),
        BOTH(such_a_command_that_wants_the_terminal_back_gets_it),
        BOTH(what_somebody_suspends_stays_suspended),
        BOTH(a_command_kept_from_the_terminal_gets_it_when_init_has_it),
        { "the_terminal_comes_back_when_command_has_ended", the_terminal_comes_back_when_command_has_ended, NULL,
          subject_end_all, (void *)"end" },
        { "the_terminal_comes_back_from_what_could_not_start", the_terminal_comes_back_when_command_has_ended, NULL,
          subject_end_all, (void *)"no-such" },
        BOTH(a_command_behind_a_script_that_the_terminal_suspends_is_resumed),
        ONLY_ORDINARY(behind_a_script_it_leaves_the_terminal_to_that),
        ONLY_ORDINARY(what_reads_from_the_terminal_by_name_gets_it),
        BOTH(the_keys_reach_what_is_left_when_command_has_ended),
        BOTH(the_hang_up_reaches_command),
        BOTH(dumb_init_hands_the_terminal_to_commands_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
