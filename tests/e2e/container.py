"""A container without an engine, made of a Dockerfile: what a test needs to run examples/entrypoints as they stand.

The build stage's commands run on this machine, whose Debian packages the Dockerfile names; nothing is installed. The last stage
becomes a root file system, which is read-only. Run as a program, this file is what becomes PID 1:
container.py SPECIFICATION, inside namespaces of its own."""
import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BINARIES = {"/init": os.environ.get("PITH_INIT", os.path.join(TOP, "build/amd64/init")),
            "/healthcheck": os.environ.get("PITH_HEALTHCHECK", os.path.join(TOP, "build/amd64/healthcheck"))}
NAMESPACES = ["--mount", "--pid", "--net", "--ipc", "--uts"]
CAPABILITIES = {"CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "KILL": 5, "SETGID": 6, "SETUID": 7}
LAST_CAPABILITY = 40
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, MNT_DETACH = 24, 38, 2
PATIENCE = 15  # seconds


class Missing(Exception):
    """A package that the Dockerfile installs is not on this machine."""


def await_true(look, what):
    """The first result of LOOK that is true."""
    end = time.monotonic() + PATIENCE
    while not (result := look()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)
    return result


class Image:
    """What a Dockerfile makes, in the folder ROOT."""

    def __init__(self, dockerfile, context, root):
        self.context, self.root = context, root
        self.environment, self.directory, self.user, self.stop_signal = {}, "/", 0, "TERM"
        self.entrypoint, self.command, self.probe = [], [], []
        os.makedirs(root)
        with open(dockerfile, encoding="utf-8") as file:
            lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", file.read(), flags=re.M)).splitlines()
        for line in filter(str.strip, lines):
            name, rest = line.split(None, 1)
            getattr(self, "do_" + name.lower())(rest.strip())

    def do_from(self, rest):
        self.environment, self.directory, self.user = {}, "/", 0

    def do_run(self, rest):
        """Packages are looked for; other commands run with the root in place of /rootfs."""
        if "apt-get install" in rest:
            packages = [word for word in re.sub(r".*install", "", rest).split() if not word.startswith("-")]
            for package in packages:
                if subprocess.run(["dpkg", "-s", package], capture_output=True, check=False).returncode:
                    raise Missing(package)
            return
        subprocess.run(["sh", "-euc", rest.replace("/rootfs", shlex.quote(self.root))], cwd=self.context, check=True)

    def do_copy(self, rest):
        options = [word for word in rest.split() if word.startswith("--")]
        *sources, target = (word for word in rest.split() if not word.startswith("--"))
        if "--from=build" in options or (sources, target) == (["."], "."):
            return
        for source in sources:
            if any(option.startswith("--from=pith:") for option in options):
                shutil.copy(BINARIES[source], self.root + target)
            else:
                subprocess.run(["cp", "-R", "-T", os.path.join(self.context, source), self.root + target], check=True)
        # as in a clone that was made with the usual umask, whatever this one's was: other users read what is in an image
        subprocess.run(["chmod", "-R", "a+rX,go-w", self.root + target], check=True)

    def do_workdir(self, rest):
        self.directory = rest

    def do_user(self, rest):
        self.user = int(rest.split(":")[0])

    def do_env(self, rest):
        self.environment.update(word.split("=", 1) for word in shlex.split(rest))

    def do_stopsignal(self, rest):
        self.stop_signal = rest

    def do_expose(self, rest):
        pass

    def do_volume(self, rest):
        pass

    def do_healthcheck(self, rest):
        self.probe = json.loads(rest[rest.index("["):])

    def do_entrypoint(self, rest):
        self.entrypoint = json.loads(rest)

    def do_cmd(self, rest):
        self.command = json.loads(rest)

    def programs(self):
        """Each file that can be executed and is neither a library nor one of Node.js' modules."""
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                if os.access(path, os.X_OK) and not re.search(r"\.so($|[.0-9])|\.js$", name):
                    found.append(path[len(self.root):])
        return sorted(found)


class Container:
    """A run of IMAGE. VOLUMES are host folders by path; SUBSTITUTE replaces words of the entry point."""

    def __init__(self, image, log, environment=(), volumes=(), capabilities=(), substitute=()):
        self.image, self.log, self.status = image, log, None
        self.environment = {**image.environment, **dict(environment)}
        substitute = dict(substitute)
        words = [substitute.get(word, word) for word in image.entrypoint + image.command]
        specification = {"root": image.root, "directory": image.directory, "user": image.user, "words": words,
                         "environment": self.environment, "volumes": dict(volumes), "capabilities": list(capabilities)}
        with open(log, "ab") as output:
            os.fchmod(output.fileno(), 0o666)  # an engine hands its pipes to the image's user
            self.outer = subprocess.Popen(  # pylint: disable=consider-using-with # stop() and kill() end it
                ["unshare", *NAMESPACES, "--fork", "--kill-child", sys.executable, "-B", os.path.abspath(__file__),
                 json.dumps(specification)], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.pid = int(await_true(self.find_pid, "PID 1"))

    def find_pid(self):
        if self.outer.poll() is not None:
            return -1
        with open(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children", encoding="ascii") as file:
            return file.read()

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def await_text(self, text, times=1):
        await_true(lambda: self.text().count(text) >= times, f"{text!r} from {self.image.entrypoint}")

    def execute(self, *words):
        """As `docker exec` does."""
        user = str(self.image.user)
        return subprocess.run(["nsenter", "--target", str(self.pid), *NAMESPACES, "--root", "--wd", "-S", user, "-G", user,
                               *words], env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE)

    def await_healthy(self):
        end = time.monotonic() + PATIENCE
        while (probe := self.execute(*self.image.probe)).returncode:
            if time.monotonic() > end or self.outer.poll() is not None:
                raise AssertionError(f"not healthy: {probe.stdout}{probe.stderr}\n{self.text()}")
            time.sleep(0.02)

    def signal(self, name):
        os.kill(self.pid, signal.Signals["SIG" + name])

    def wait(self):
        try:
            return self.outer.wait(PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"still runs:\n{self.text()}") from late

    def stop(self):
        """As `docker stop` does: the exit status."""
        self.signal(self.image.stop_signal)
        return self.wait()

    def inside(self, path):
        """The path on this machine of what is PATH in the container."""
        return f"/proc/{self.pid}/root{path}"

    def children(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]

    def kill(self):
        self.outer.kill()
        self.outer.wait()


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def make_devices(folder):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    for name in ("null", "zero", "urandom"):
        with open(f"{folder}/{name}", "wb"):
            mount("--bind", f"/dev/{name}", f"{folder}/{name}")
    os.mkdir(folder + "/shm")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", folder + "/shm")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{folder}/{name}")


def make_mounts(root, volumes):
    for path in ("/proc", "/dev", "/tmp", "/run", *(path for path, source in volumes.items() if os.path.isdir(source))):
        os.makedirs(root + path, exist_ok=True)
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    mount("-o", "remount,bind,ro", root)
    mount("-t", "proc", "proc", root + "/proc")
    make_devices(root + "/dev")
    for path in ("/tmp", "/run"):
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root + path)
    for path, source in volumes.items():
        if os.path.isfile(source):
            with open(root + path, "wb"):
                pass
        mount("--bind", source, root + path)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def enter(root, directory):
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(root)
    subprocess.run(["pivot_root", ".", "."], check=True)
    if libc.umount2(b".", MNT_DETACH):
        raise OSError(ctypes.get_errno(), "umount2")
    os.chdir(directory)


def drop_privileges(user, keep):
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in [CAPABILITIES[name] for name in keep]:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main():
    run = json.loads(sys.argv[1])
    os.umask(0o022)
    make_mounts(run["root"], run["volumes"])
    enter(run["root"], run["directory"])
    drop_privileges(run["user"], run["capabilities"])
    os.execve(run["words"][0], run["words"], run["environment"])


if __name__ == "__main__":
    main()
