/* Each Dockerfile of examples/docker/ built as it stands, healthy without a shell, and stopped in good order. */
#include "common.h"
#include "pith/version.h"
#include "support/test.h"

#define NAME "e2e-cookbook"

enum { BUILD_MS = 480000, START_MS = 60000, STOP_MS = 5000 };

/* A Dockerfile and the base images that its stages are made from. */
struct recipe {
    const char *name;
    char *dockerfile, *images[4];
    char *argument; /* of the build; NULL: none */
};

static void build(const struct recipe *recipe)
{
    const struct run_options patient = { .bound_ms = BUILD_MS };
    char *images[WORDS_MAX] = { "tests/e2e/images", NULL };
    char *products = getenv("PITH_BUILD"), init[TEXT_MAX], healthcheck[TEXT_MAX];

    snprintf(init, sizeof init, "%s/init", products);
    snprintf(healthcheck, sizeof healthcheck, "%s/healthcheck", products);
    append(images, recipe->images);
    succeed(run(&patient, images));
    succeed(run(&patient, ARGV("tests/e2e/scratch", "pith", init, healthcheck)));
    succeed(docker(ARGV("tag", "registry.example/pith:1.0", "pith:" PITH_VERSION)));
    succeed(run(&patient, ARGV("docker", "build", "--tag", NAME, "--file", recipe->dockerfile, "examples/docker",
                               recipe->argument ? "--build-arg" : NULL, recipe->argument)));
}

static void await_healthy(void)
{
    char text[TEXT_MAX];

    for (int64_t end = run_now_ms() + START_MS;;) {
        inspect(NAME, "{{.State.Health.Status}}", text);
        if (strcmp(text, "healthy") == 0)
            return;
        look_again(end, text);
    }
}

static int remove_container(void **state)
{
    (void)state;
    if (!getenv("NO_ENGINE"))
        docker(ARGV("rm", "--force", NAME));
    return 0;
}

static void builds_is_healthy_has_no_shell_and_stops(void **state)
{
    char text[TEXT_MAX];

    require_engine();
    build(*state);
    ask(text, ARGV("run", "--detach", "--name", NAME, "--network", "none", "--health-interval", "300ms", "--read-only",
                   "--cap-drop", "ALL", "--security-opt", "no-new-privileges", NAME));
    await_healthy();
    assert_hardened(first_pid(NAME));
    assert_int_not_equal(docker(ARGV("exec", NAME, "/bin/sh", "-c", ":"))->status, 0);
    int64_t took = succeed(docker(ARGV("stop", NAME)))->ms;
    if (took >= STOP_MS)
        fail_msg("docker stop took %ld ms", (long)took);
    inspect(NAME, "{{.State.ExitCode}}", text);
    assert_string_equal(text, "0");
    ask(text, ARGV("logs", NAME));
    assert_contains(text, "bye");
}

static struct recipe recipes[] = {
    { "node", "examples/docker/Dockerfile.node", { "node" }, NULL },
    { "python", "examples/docker/Dockerfile.python", { "python" }, NULL },
    { "python-debian12", "examples/docker/Dockerfile.python", { "python-debian12" }, "DEBIAN=debian12" },
    { "go", "examples/docker/Dockerfile.go", { "go", "runtime" }, NULL },
    { "java", "examples/docker/Dockerfile.java", { "jdk", "java" }, NULL },
};

enum { RECIPES = sizeof recipes / sizeof recipes[0] };

static bool is_asked_for(const char *name, int argc, char *const argv[])
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

/* The arguments name the recipes; none is all of them. */
int main(int argc, char *argv[])
{
    struct CMUnitTest tests[RECIPES];
    size_t count = 0;

    for (size_t i = 0; i < RECIPES; i++)
        if (is_asked_for(recipes[i].name, argc, argv))
            tests[count++] = (struct CMUnitTest){ recipes[i].name, builds_is_healthy_has_no_shell_and_stops, NULL,
                                                  remove_container, &recipes[i] };
    return _cmocka_run_group_tests("cookbook", tests, count, NULL, NULL);
}
