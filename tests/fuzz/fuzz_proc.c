/* What is read from /proc, pidfiles and gRPC's messages: any bytes. */
#include "fuzz.h"
#include "healthcheck/grpc/health.h"
#include "healthcheck/probes/proc.h"
#include "pith/pids.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_bytes(data, size);
    struct span all = { text, size };
    struct proc_socket socket;
    struct pid_stat stat;
    uint32_t status;

    if (proc_socket_parse(all, &socket))
        proc_socket_serves(&socket, &address_loopback4, socket.port);
    if (pid_stat_parse(text, size, &stat))
        assert(stat.name >= text && stat.name + stat.name_length <= text + size);
    struct span program = proc_program(all);
    assert(program.length == 0 || (program.at >= text && program.at + program.length <= text + size));
    assert(proc_pid_parse(all) >= 0);
    if (grpc_parse_response((const uint8_t *)text, size, &status) == GRPC_GOOD)
        health_status_name(status);
    free(text);
    return 0;
}
