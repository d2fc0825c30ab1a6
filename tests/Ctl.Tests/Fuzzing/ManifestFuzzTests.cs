using System.Text;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Tests.Manifests;

namespace HaGrpc.Ctl.Tests.Fuzzing;

/// <summary>Whatever a manifest is: a request comes of it, or errors with file and line.</summary>
public sealed class ManifestFuzzTests
{
    private static readonly string[] Corpus =
    [
        "hosts:\n  - {name: a}\n  - name: b\n    fence: {agent: fence_x, options: {ip: 10.0.0.1}}\ngroups:\n  - name: web\n    members: [{host: a, priority: 2}, {host: b, priority: 1}]\n" +
        "    vips: [{address: 10.0.0.9/24, interface: eth0, label: \"eth0:v\"}]\n    timing: fast\n    failback: {mode: automatic, delay: 5s, window: \"02:00-04:00\"}\n    directories: [{path: /srv, exclude: [\"*.log\"]}]\n",
        "groups:\n  - name: g\n    members: [{host: a, priority: 1}]\n    hooks: [{name: h, events: [promote], command: [/bin/x, y], timeout: 5s}]\n    checks: [{name: c, ping: {targets: [10.0.0.1]}, weight: -5}]\n    programs:\n" +
        "      - {name: p, command: 'x %(process_num)d', numprocs: 3, environment: {A: b}, limits: {memory: 1g}, readiness: {tcp: 127.0.0.1:80}}\n",
        "programs:\n  - &p\n    group: g\n    name: n\n    command: c\n    stop_timeout: 1m30s\n    stdout_logfile_max_bytes: 10mb\n  - *p\n---\nhosts: []\n",
    ];

    private static readonly string[] Words =
    [
        ":", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&a ", "*a", "*p", "<<: *p\n", "? ", "! ", "!!binary ", "|", ">", "|-9\n", "\"", "'", "\\", "---\n", "...\n", "%YAML 1.2\n", "#", "\t",
        "null", "~", "true", "name: ", "groups:\n", "members: ", "1e999", "0x", "-1", "99999999999999999999", "\u0085", "\u2028", "\ud83d\ude00", "\0", "\\x00", "numprocs: 1000000\n",
    ];

    [Fact]
    public void Manifests_are_borne() => Fuzz.Run(Corpus, Words, Judge);

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Small_manifests_that_mean_much_are_refused(string name, string text, string error)
    {
        var errors = "";
        Fuzz.Bear(Encoding.UTF8.GetBytes(text), _ => errors = Read.Errors(Read.Text(text)), name);
        errors.ShouldContain(error);
    }

    public static TheoryData<string, string, string> Bombs => new()
    {
        { "nested lists", new string('[', 100_000), "nested more than 64 deep" },
        { "nested mappings", string.Concat(Enumerable.Repeat("{a: ", 50_000)), "nested more than 64 deep" },
        { "nested by lines", string.Concat(Enumerable.Range(0, 1500).Select(i => new string(' ', i) + "a:\n")), "nested more than 64 deep" },
        {
            "aliases of aliases", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n")),
            "more than 500000 values"
        },
        {
            "a large group again and again", "groups:\n  - &g\n    name: g\n    programs:\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"      - {{name: p{i}, command: c}}\n"))
                + string.Concat(Enumerable.Repeat("  - *g\n", 100_000)),
            "more than 500000 values"
        },
        { "an alias of itself", "groups: &g [*g]", "alias *g of an anchor that does not exist before it" },
        { "the same field again and again", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"f{i}: 1\n")) + string.Concat(Enumerable.Repeat("f19999: 1\n", 20_000)), "duplicate field" },
        { "processes", "programs: [{group: g, name: p, command: c, numprocs: 2000000000, process_name: 'p%(process_num)d'}]", "numprocs" },
        { "digits", "programs: [{group: g, name: p, command: 'c %(process_num)02000000000d', numprocs: 2, process_name: 'p%(process_num)d'}]", "command" },
    };

    [Fact]
    public void A_text_from_standard_input_is_no_longer_than_one_in_a_file()
    {
        using var endless = new Endless();
        var source = ManifestSource.ReadAll(["-"], endless).ShouldHaveSingleItem();
        source.Problem.ShouldBe("larger than 4 MiB: surely not a manifest");
        endless.Taken.ShouldBeLessThan(16 << 20);
    }

    private static void Judge(byte[] input)
    {
        var manifest = Read.Text(Encoding.UTF8.GetString(input));
        foreach (var error in manifest.Errors)
            error.ToString().ShouldNotBeEmpty();
    }

    private sealed class Endless : TextReader
    {
        public long Taken { get; private set; }

        public override int Read(char[] buffer, int index, int count)
        {
            (Taken > 1L << 30).ShouldBeFalse("it reads on and on");
            Array.Fill(buffer, 'x', index, count);
            Taken += count;
            return count;
        }
    }
}
