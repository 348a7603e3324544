/*
 * Stands at /bin/sh in an image without a shell, for system(3) and popen(3): initdb starts the server by them.
 *
 *     sh -c 'PROGRAM [WORD...] [< FILE] [> FILE] [2>&1]'
 *
 * It starts the one program, with nothing but quotes and these three redirections understood. It has no variables, no
 * lists, no pipes and no commands of its own, reads no script and takes no input. What else would mean something to a
 * shell is refused with status 127.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64, REFUSED = 127 };

static const char special[] = "|&;()$`\\*?[]#~{}!\n<>'";

static int refuse(const char *what)
{
    fprintf(stderr, "sh: %s (there is no shell here)\n", what);
    return REFUSED;
}

/* Ends the word at *REST, which it takes out of its quotes, and moves *REST behind it. NULL where a shell is needed. */
static char *take_word(char **rest)
{
    char *word = *rest, *end = word, *at = word;
    int quoted = 0;

    for (; *at && (quoted || (*at != ' ' && *at != '\t')); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted ? strchr("$`\\", *at) != NULL : strchr(special, *at) != NULL)
            return NULL;
        else
            *end++ = *at;
    }
    *rest = *at ? at + 1 : at;
    *end = '\0';
    return quoted ? NULL : word;
}

static char *skip_blanks(char *at)
{
    return at + strspn(at, " \t");
}

/* Opens the file whose name comes at *REST in place of DESCRIPTOR. */
static int redirect(char **rest, int descriptor, int flags)
{
    *rest = skip_blanks(*rest + 1);
    char *name = take_word(rest);
    int fd = name && *name ? open(name, flags, 0666) : -1;

    return fd >= 0 && dup2(fd, descriptor) >= 0 && close(fd) == 0;
}

int main(int argc, char *argv[])
{
    char *words[WORDS_MAX + 1] = { NULL };
    int count = 0, at = argc > 2 && strcmp(argv[2], "--") == 0 ? 3 : 2, good = 1;

    if (at + 1 != argc || strcmp(argv[1], "-c") != 0)
        return refuse("only -c COMMAND");
    for (char *rest = skip_blanks(argv[at]); good && *rest; rest = skip_blanks(rest)) {
        if (*rest == '<')
            good = redirect(&rest, STDIN_FILENO, O_RDONLY);
        else if (*rest == '>')
            good = redirect(&rest, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
        else if (strncmp(rest, "2>&1", 4) == 0 && strchr(" \t", rest[4])) /* or its end */
            good = dup2(STDOUT_FILENO, STDERR_FILENO) >= 0 && (rest += 4);
        else
            good = count < WORDS_MAX && (words[count++] = take_word(&rest));
    }
    if (!good || count == 0)
        return refuse(argv[at]);
    execvp(words[0], words);
    perror(words[0]);
    return REFUSED;
}
