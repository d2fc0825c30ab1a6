using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Updating;

namespace HaGrpc.Ctl.Tests.Updating;

public sealed class UpdatePlanTests
{
    private static readonly Program Http = new() { Name = new("web", "http"), Command = "/opt/r/1.0/bin/http --root /opt/r/1.0/www", Directory = "/opt/r/1.0", Priority = 10 };

    private static readonly Program Workers = new()
    {
        Name = new("web", "w"),
        Command = "/opt/r/1.0/bin/w %(process_num)d",
        NumProcs = 3,
        ProcessName = "w%(process_num)d",
        Priority = 20,
        Environment = ImmutableSortedDictionary<string, string>.Empty.Add("HOME_OF", "/opt/r/1.0").Add("OTHER", "/opt/r/1.0.1:/srv/opt/r/1.0"),
    };

    private static readonly Program[] Registered = [.. ProgramExpansion.Of(Http), .. ProgramExpansion.Of(Workers)];

    [Fact]
    public void The_release_beside_the_new_one_is_replaced_wherever_it_is_named()
    {
        var plan = UpdatePlan.Of(Registered, "web", "/opt/r/1.1/", null, null)!;
        plan.Path.ShouldBe(new ReleasePath("/opt/r/1.0", "/opt/r/1.1"));
        var http = plan.New[new("web", "http")];
        (http.Command, http.Directory).ShouldBe(("/opt/r/1.1/bin/http --root /opt/r/1.1/www", "/opt/r/1.1"));
        var workers = plan.New[new("web", "w")];
        (workers.Command, workers.NumProcs, workers.ProcessName).ShouldBe(("/opt/r/1.1/bin/w %(process_num)d", 3, "w%(process_num)d"));
        workers.Environment["HOME_OF"].ShouldBe("/opt/r/1.1");
        workers.Environment["OTHER"].ShouldBe("/opt/r/1.0.1:/srv/opt/r/1.0"); // Longer names that only contain it.
    }

    [Theory]
    [InlineData(null, "web:http | web:w0 web:w1 web:w2")]
    [InlineData(1, "web:http | web:w0 | web:w1 | web:w2")]
    [InlineData(2, "web:http | web:w0 web:w1 | web:w2")]
    public void Batches_follow_the_order_of_starting(int? rolling, string batches) =>
        string.Join(" | ", UpdatePlan.Of(Registered, "web", "/opt/r/1.1", null, rolling)!.Batches.Select(b => string.Join(' ', b.Select(p => p.Name)))).ShouldBe(batches);

    [Fact]
    public void Without_a_release_nothing_is_registered() => UpdatePlan.Of(Registered, "web:w", null, null, null)!.New.ShouldBeEmpty();

    [Fact]
    public void An_update_that_stopped_half_way_goes_on()
    {
        var path = new ReleasePath("/opt/r/1.0", "/opt/r/1.1");
        Program[] mixed = [.. Registered.Select((p, i) => i == 1 ? path.Move(p) : p)];
        var plan = UpdatePlan.Of(mixed, "web:w", "/opt/r/1.1", null, 1)!;
        plan.Path.ShouldBe(path);
        plan.New[new("web", "w")].Command.ShouldBe("/opt/r/1.1/bin/w %(process_num)d");
        plan.Old[new("web", "w")].ShouldBeNull(); // There is no one release to go back to.
        UpdatePlan.Of([.. Registered.Select(path.Move)], "web:w", "/opt/r/1.1", null, 1)!.Path.ShouldBe(new ReleasePath("/opt/r/1.1", "/opt/r/1.1"));
    }

    [Fact]
    public void A_link_is_replaced_when_it_is_named()
    {
        Program linked = Http with { Command = "/srv/current/bin/http", Directory = "" };
        Should.Throw<UsageException>(() => UpdatePlan.Of([.. ProgramExpansion.Of(linked)], "web:http", "/opt/r/1.1", null, null)).Message
            .ShouldBe("--to /opt/r/1.1: no command or directory names anything in /opt/r: say with --from which path is the release");
        UpdatePlan.Of([.. ProgramExpansion.Of(linked)], "web:http", "/opt/r/1.1", "/srv/current", null)!.New[linked.Name].Command.ShouldBe("/opt/r/1.1/bin/http");
    }

    [Theory]
    [InlineData("opt/r/1.1")]
    [InlineData("/")]
    [InlineData("/opt/r/../1.1")]
    [InlineData("/opt/r/1 1")]
    public void Only_a_path_is_taken_for_one(string to) =>
        Should.Throw<UsageException>(() => UpdatePlan.Of(Registered, "web", to, null, null)).Message.ShouldStartWith($"--to {to}: must be an absolute path");

    [Fact]
    public void Several_neighbours_have_to_be_told_apart() =>
        Should.Throw<UsageException>(() => UpdatePlan.Of([Http with { Directory = "/opt/r/0.9" }], "web:http", "/opt/r/1.1", null, null)).Message
            .ShouldBe("--to /opt/r/1.1: these are all named beside it: /opt/r/0.9, /opt/r/1.0: say with --from which one is the release");

    [Fact]
    public void A_name_is_a_program_or_a_group()
    {
        UpdatePlan.Of(Registered, "web:nope", null, null, null).ShouldBeNull();
        Should.Throw<UsageException>(() => UpdatePlan.Of(Registered, "web:w1", null, null, null)).Message.ShouldBe("web:w1 is a process of web:w: name that");
    }
}
