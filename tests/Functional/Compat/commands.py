"""Runs supervisorctl's own main() for each line of standard input, in one process, and prints each command, what it said and its
exit code. Lines beginning with "!" are this driver's: "!until STATE NAME" waits for a state, "!tail-f NAME" follows a log for its
first lines, "!race NAME" stops a program while another supervisorctl waits for its start, "!config NAME" asks for what is configured."""
import contextlib
import io
import select
import subprocess
import sys
import time
import xmlrpc.client

from supervisor import supervisorctl
from supervisor.xmlrpc import SupervisorTransport

server = sys.argv[1]


def run(line):
    said = io.StringIO()
    code = 0
    old = sys.stdout
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            supervisorctl.main(["-s", server] + line.split())
        except SystemExit as end:
            code = end.code or 0
    return code, said.getvalue()


def state(name):
    words = run("status " + name)[1].split()
    return words[1] if len(words) > 1 else ""


def until(wanted, name):
    end = time.monotonic() + 60
    while state(name) not in wanted.split(","):
        if time.monotonic() > end:
            raise TimeoutError("%s is %s, not %s" % (name, state(name), wanted))
        time.sleep(0.05)


def tool(*words):
    return subprocess.Popen(["/usr/bin/supervisorctl", "-s", server] + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def race(name):
    start = tool("start", name)
    until("STARTING", name)
    print(run("stop " + name)[1], end="")
    print(start.communicate(timeout=60)[0].decode(), end="")
    print("exit", start.returncode)


def follow(name):
    tail = tool("tail", "-f", name)
    seen = b""
    end = time.monotonic() + 60
    while b"hello" not in seen:
        if not select.select([tail.stdout], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError("tail -f said only %r" % seen)
        seen += tail.stdout.read1(4096)
    tail.kill()
    tail.wait()
    print(seen.decode(), end="")


def config(name):
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=SupervisorTransport(None, None, server))
    one = next(c for c in proxy.supervisor.getAllConfigInfo() if c["group"] + ":" + c["name"] == name)
    for key in sorted(one):
        differs = key in ("directory", "killasgroup", "stdout_logfile", "stderr_logfile")
        print(key, type(one[key]).__name__ if differs else repr(one[key]))


for command in sys.stdin.read().splitlines():
    print("$ " + command)
    if command.startswith("!until"):
        until(*command.split()[1:])
    elif command.startswith("!tail-f"):
        follow(command.split()[1])
    elif command.startswith("!race"):
        race(command.split()[1])
    elif command.startswith("!config"):
        config(command.split()[1])
    else:
        code, said = run(command)
        print(said, end="" if said.endswith("\n") or not said else "\n")
        print("exit", code)
    sys.stdout.flush()
