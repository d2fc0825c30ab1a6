using HaGrpc.Core.Handover;

namespace HaGrpc.Core.Tests.Handover;

/// <summary>Which process is a program's.</summary>
public sealed class ProcessMatchingTests
{
    private readonly Dictionary<int, ProcessFact> _all = [];

    [Theory]
    [InlineData("/opt/app/run --port 80", "/opt/app/run --port 80", true)]
    [InlineData("/opt/app/run --port 80", "/opt/app/run --port 81", false)]
    [InlineData("/opt/app/run --port 80", "/opt/app/run --port 80 --more", false)]
    [InlineData("/opt/app/run.sh x", "/bin/sh /opt/app/run.sh x", true)]
    [InlineData("/opt/app/run.py x", "/usr/bin/env python3 /opt/app/run.py x", true)]
    [InlineData("/opt/app/run.sh x", "vi x y /opt/app/run.sh x", false)]
    [InlineData("app x", "app x", true)]
    public void A_command_is_found_by_its_arguments_also_behind_an_interpreter(string command, string running, bool isFound)
    {
        Add(10, 1, running);
        Find(command).ShouldBe(isFound ? [10] : []);
    }

    [Fact]
    public void An_executable_that_calls_itself_otherwise_is_found_by_its_file()
    {
        Add(10, 1, "app: x");
        _all[10] = _all[10] with { Arguments = ["app-by-another-name", "x"], Executable = "/usr/bin/app" };
        Find("app x", "/usr/bin/app").ShouldBe([10]);
        Find("app x", "/usr/bin/other").ShouldBeEmpty();
    }

    [Fact]
    public void Of_a_family_the_eldest_is_meant()
    {
        Add(10, 1, "/bin/app");
        Add(11, 10, "/bin/app");
        Add(12, 11, "/bin/sh");
        Add(13, 12, "/bin/app");
        Add(20, 1, "/bin/app");
        Find("/bin/app").ShouldBe([10, 20]);
    }

    [Fact]
    public void What_runs_under_a_shim_is_ours_already()
    {
        Add(5, 1, "ha-shim run /run/x", "ha-shim");
        Add(10, 5, "/bin/app");
        Add(11, 10, "/bin/app");
        Find("/bin/app").ShouldBeEmpty();
    }

    [Fact]
    public void Another_user_s_process_is_not_meant()
    {
        Add(10, 1, "/bin/app", uid: 1000);
        Add(11, 1, "/bin/app", uid: 1001);
        Ids(new(["/bin/app"], "", 1001, 0, "")).ShouldBe([11]);
        Ids(new(["/bin/app"], "", null, 0, "")).ShouldBe([10, 11]);
    }

    [Fact]
    public void A_pid_or_a_pattern_stands_for_the_command()
    {
        Add(10, 1, "nginx: master process /usr/sbin/nginx -g x");
        Add(11, 10, "nginx: worker process");
        Ids(new(["/usr/sbin/nginx"], "", null, 11, "")).ShouldBe([11]);
        Ids(new(["/usr/sbin/nginx"], "", null, 12, "")).ShouldBeEmpty();
        Ids(new(["/usr/sbin/nginx"], "", null, 0, "^nginx: ")).ShouldBe([10], "its worker is no second one");
    }

    [Fact]
    public void Parents_in_a_circle_are_no_end()
    {
        Add(10, 11, "/bin/app");
        Add(11, 10, "/bin/sh");
        Find("/bin/app").ShouldBe([10]);
    }

    private int[] Find(string command, string executable = "") => Ids(new([.. command.Split(' ')], executable, null, 0, ""));

    private int[] Ids(ProcessSearch search) => [.. ProcessMatching.Of(search, _all).Select(p => p.Pid)];

    private void Add(int pid, int parent, string line, string name = "x", uint uid = 0) =>
        _all[pid] = new(pid, pid, parent, name, uid, [.. line.Split(' ')]);
}
