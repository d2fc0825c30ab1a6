namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class BadManifestTests
{
    [Fact]
    public void Every_mistake_is_told_at_once_with_file_line_and_field()
    {
        var manifest = Read.Files(
            ("hosts.yaml", """
                hosts:
                  - name: a
                  - name: a
                  - nmae: c
                """),
            ("web.yaml", """
                groups:
                  - name: web
                    memebrs: []
                    members:
                      - {host: a, priority: high}
                      - {host: b}
                    vips:
                      - {address: 10.0.0.100, interface: eth0}
                      - {address: 10.0.0.101/24, interface: eth0, label: "eth1:x"}
                    timing: {ttl: 1s, heartbeat: 900ms, takeover_margin: 10ms}
                    failback: {mode: sometimes, delay: 5}
                    locked: yes
                    locked: true
                    programs:
                      - name: http
                        command: "/usr/bin/http 'x"
                        autorestart: true
                        startsecs: 5
                        exit_codes: [0, x]
                        environment: [A]
                        priority: 12000
                      - just text
                  - name: two
                    members: [{host: a, priority: 1}]
                    vips: [{address: 10.0.0.101/32, interface: eth0}]
                    timing: quick
                hots: []
                """),
            ("broken.yaml", "hosts: [{name: x}\n"));
        Read.Errors(manifest).ShouldBe("""
            hosts.yaml:3: hosts[1].name: a: duplicate name: hosts[0] (hosts.yaml:2) is this host too
            hosts.yaml:4: hosts[2].nmae: unknown field; did you mean name?
            hosts.yaml:4: hosts[2].name: a host needs a name
            web.yaml:3: groups[0].memebrs: unknown field; did you mean members?
            web.yaml:5: groups[0].members[0].priority: high: must be a whole number
            web.yaml:6: groups[0].members[1].priority: a member needs a priority, 1 to 255; the highest live one is preferred
            web.yaml:8: groups[0].vips[0].address: 10.0.0.100: the prefix length is missing: write 10.0.0.100/32, or the length of the interface's network
            web.yaml:9: groups[0].vips[1].label: eth1:x: a label begins with the interface's name and a colon: eth0:…
            web.yaml:10: groups[0].timing.heartbeat: 900ms: must be at most a quarter of the ttl, 250ms for 1s, so that two rounds fit into the second half of a lease
            web.yaml:10: groups[0].timing.takeover_margin: 10ms: must be at least 1 % of the ttl + 20ms, 30ms for 1s: clock drift, killing a process tree and a late write must fit
            web.yaml:11: groups[0].failback.mode: sometimes: must be one of manual, automatic
            web.yaml:11: groups[0].failback.delay: 5: a duration needs its unit: 5s or 5ms
            web.yaml:12: groups[0].locked: yes: must be true or false
            web.yaml:13: groups[0].locked: duplicate field; the first is on line 12
            web.yaml:16: groups[0].programs[0].command: /usr/bin/http 'x: the quote ' at position 15 is not closed
            web.yaml:17: groups[0].programs[0].autorestart: unknown field; it is called restart here: always, unexpected or never
            web.yaml:18: groups[0].programs[0].startsecs: unknown field; it is called start_time here, with a unit: 5s
            web.yaml:19: groups[0].programs[0].exit_codes[1]: x: must be a whole number
            web.yaml:20: groups[0].programs[0].environment: a list: must be a mapping of fields to values
            web.yaml:21: groups[0].programs[0].priority: 12000: must be 0 to 9999
            web.yaml:22: groups[0].programs[1]: just text: must be a mapping of fields to values
            web.yaml:25: groups[1].vips[0].address: 10.0.0.101/32: groups[0].vips[1] (web.yaml:9) of group web has this address already
            web.yaml:26: groups[1].timing: quick: must be one of default, fast, calm
            web.yaml:27: hots: unknown field; did you mean hosts?
            broken.yaml:2: not YAML: While parsing a flow sequence, did not find expected ',' or ']'.
            """);
    }

    [Theory]
    [InlineData("", "m.yaml: nothing to apply: there is no hosts, groups or programs list")]
    [InlineData("hosts: []", "m.yaml: nothing to apply: there is no hosts, groups or programs list")]
    [InlineData("- a", "m.yaml:1: a manifest is a mapping with the fields hosts, groups, programs")]
    [InlineData("hosts: a", "m.yaml:1: hosts: a: must be a list: lines that begin with '- ', or [a, b]")]
    [InlineData("hosts:\n- {name: }", "m.yaml:2: hosts[0].name: is empty: give a text, or leave the field out")]
    [InlineData("hosts:\n- name: [a]", "m.yaml:2: hosts[0].name: a list: must be a text")]
    [InlineData("hosts: [*x]", "m.yaml:1: not YAML: alias *x of an anchor that does not exist before it")]
    [InlineData("? [a]\n: b", "m.yaml:1: not YAML: a key must be a text")]
    [InlineData("hosts: &x [{name: a, description: *x}]", "m.yaml:1: not YAML: alias *x of an anchor that does not exist before it")]
    public void A_mistake_is_told(string text, string error) => Read.Errors(text).ShouldBe(error);

    [Fact]
    public void A_control_character_is_refused_and_does_not_reach_the_terminal()
    {
        var error = Read.Errors("hosts:\n- {name: a, description: \"bell \\e[31m\"}");
        error.ShouldBe("m.yaml:2: hosts[0].description: bell \\u001B[31m: must not contain control characters: take out U+001B at position 6");
    }

    [Theory]
    [InlineData("readiness: {interval: 1s}", "readiness: a mapping: must say one of http, tcp, exec, grpc, or notify: true")]
    [InlineData("liveness: {tcp: \"a:1\", exec: /bin/true}", "liveness: a mapping: must say one of http, tcp, exec, grpc, or notify: true")]
    [InlineData("liveness: {tcp: a}", "liveness.tcp: a: must be host:port, for example 127.0.0.1:5432 or [::1]:5432")]
    [InlineData("liveness: {htp: x, tcp: \"a:1\"}", "liveness.htp: unknown field; did you mean http?")]
    [InlineData("readiness: /bin/check", "readiness: /bin/check: must be a mapping of fields to values")]
    [InlineData("backoff: {initial: 1}", "backoff.initial: 1: a duration needs its unit: 1s or 1ms")]
    [InlineData("exit_codes: []", "exit_codes: a list: must name one number at least; leave it out for the default")]
    [InlineData("oneshot: once", "oneshot: once: must be true or false")]
    [InlineData("stdout_logfile_maxbytes: 50M", "stdout_logfile_maxbytes: 50M: not a size; write bytes, or kb, mb, gb or tb behind a whole number: 50mb")]
    [InlineData("stderr_logfile_maxbytes: 1kb", "stderr_logfile_maxbytes: 1kb: must be 0 for never, or at least 4kb")]
    [InlineData("stderr_logfile_backups: 1001", "stderr_logfile_backups: 1001: must be 0 to 1000")]
    [InlineData("logfile_max_age: 1", "logfile_max_age: 1: a duration needs its unit: 1s or 1ms")]
    [InlineData("logfile_max_age: 1ms", "logfile_max_age: 1ms: must be 0s for never, or 1s to 8760h")]
    [InlineData("after: [p]", "after: p: waits for itself: p -> p")]
    [InlineData("after: [{a: b}]", "after[0]: a mapping: must be a text")]
    [InlineData("limits: 5", "limits: 5: must be a mapping of fields to values")]
    [InlineData("limits: {memory: 5xb}", "limits.memory: 5xb: must be a size: 65536, 64kb, 512mb or 2gb")]
    [InlineData("limits: {memory: 9000000000gb}", "limits.memory: 9000000000gb: must be a size: 65536, 64kb, 512mb or 2gb")]
    [InlineData("limits: {memory: 1kb}", "limits.memory: 1kb: must be at least 1mb: hardly anything starts with less")]
    [InlineData("limits: {cpu: much}", "limits.cpu: much: must be cores, as 150% or 1.5, to a thousandth")]
    [InlineData("limits: {cpu: 0.5%}", "limits.cpu: 5 thousandths of a core: must be 1% to 100000%, 100% being one core")]
    [InlineData("limits: {pids: 0}", "limits.pids: 0: must be 1 to 4194304")]
    [InlineData("limits: {nice: -21}", "limits.nice: -21: must be -20 to 19")]
    [InlineData("limits: {oom_score_adj: 1001}", "limits.oom_score_adj: 1001: must be -1000 to 1000")]
    [InlineData("limits: {nofile: 5}", "limits.nofile: unknown field; it belongs into limits.rlimits")]
    [InlineData("limits: {rlimits: {nofiles: 5}}", "limits.rlimits.nofiles: unknown field; did you mean nofile?")]
    [InlineData("limits: {rlimits: {nofile: 5mb}}", "limits.rlimits.nofile: 5mb: must be a whole number, or unlimited, or soft:hard of them")]
    [InlineData("limits: {rlimits: {nofile: \"20:10\"}}", "limits.rlimits.nofile: 20:10: the soft limit must not be above the hard one: write soft:hard")]
    [InlineData("limits: {rlimits: {stack: \"unlimited:8mb\"}}", "limits.rlimits.stack: unlimited:8388608: the soft limit must not be above the hard one: write soft:hard")]
    [InlineData("limits: {rlimits: {cpu: 60s}}", "limits.rlimits.cpu: 60s: must be a whole number of seconds, or unlimited, or soft:hard of them")]
    [InlineData("limits: {rlimits: {core: {soft: 1}}}", "limits.rlimits.core.hard: a limit needs soft and hard, or one value for both")]
    [InlineData("limits: {rlimits: {core: {soft: 1, hard: x}}}", "limits.rlimits.core.hard: x: must be a size such as 64mb, or unlimited")]
    [InlineData(
        "limits: {rlimits: {nofile: unlimited}}",
        "limits.rlimits.nofile: unlimited: must be a number: the kernel knows no unlimited number of files (fs.nr_open, 1048576 unless it was changed)")]
    public void A_mistake_in_a_program_is_told(string line, string error) =>
        Read.Errors($"programs:\n- group: g\n  name: p\n  command: /bin/p\n  {line}").ShouldBe($"m.yaml:5: programs[0].{error}");

    [Fact]
    public void A_long_or_broken_value_stays_on_one_line()
    {
        var error = Read.Errors($"programs:\n- {{group: g, name: p, command: \"'\\n{new string('x', 200)}\"}}");
        error.Split('\n').Length.ShouldBe(1);
        error.ShouldContain("'\\nxxx");
        error.ShouldContain("…: the quote ' at position 1 is not closed");
    }
}
