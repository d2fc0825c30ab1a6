using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Contracts;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Would a takeover work now?</summary>
public sealed class RehearseTests
{
    [Theory]
    [InlineData("wob", "", StatusCode.NotFound, "group: no group is called 'wob'; did you mean web?")]
    [InlineData("web", "nope", StatusCode.NotFound, "host: no host is called 'nope'")]
    [InlineData("web", "c", StatusCode.FailedPrecondition, "host: c is no member of web; its members are a, b")]
    [InlineData("web", "a", StatusCode.FailedPrecondition, "host: a owns web now: there is nothing to rehearse; name another member, or none")]
    [InlineData("solo", "", StatusCode.FailedPrecondition, "group: solo has no member but a, which owns it: nobody could take it over")]
    public async Task What_makes_no_sense_is_refused(string group, string host, StatusCode code, string detail)
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Hosts.Add(new Host { Name = "c" });
        model.Groups.Add(Models.Group("solo", new Member { Host = "a", Priority = 100 }));
        await plane.ApplyAsync(model);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await Until.HoldsAsync(() => Task.FromResult(a.Owns("solo")), "a owns solo");
        var refused = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.RehearseAsync(new() { Group = group, Host = host }));
        (refused.StatusCode, refused.Status.Detail).ShouldBe((code, detail));
        (await plane.Admin.GetControlPlaneAsync(new())).Term.ShouldBe(1, "a wrong question costs no leadership");
        await a.BeatAsync();
    }

    [Fact]
    public async Task A_host_that_cannot_be_asked_is_a_finding()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        var away = await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web");
        away.Out.ShouldStartWith("HOST  VERDICT  CHECK  OF  FOUND                       RIGHT WOULD BE\nb     fails    host   b   its agent is not connected  ");
        away.Out.ShouldEndWith("\n\nb: could not take web over now: 1 of 1 check fails\n");
        away.Code.ShouldBe(1);

        await using var old = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        (await plane.Admin.RehearseAsync(new() { Group = "web", Host = "b" })).Hosts.Single().Findings.Single().Value
            .ShouldBe("its agent, version 0.1.0, does not rehearse yet");
    }

    [Fact]
    public async Task What_a_host_finds_is_shown_without_control_characters()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        var hello = AgentDouble.HelloOf("b");
        hello.Rehearses = true;
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        b.OnRehearsal = asked => new()
        {
            Id = asked.Id,
            Score = 50,
            Findings = { new Finding { What = "port", Subject = $"{asked.Group}:http", Verdict = Verdict.Warning, Value = "taken by \x1b[31m" } },
        };
        var answer = (await plane.Admin.RehearseAsync(new() { Group = "web" })).Hosts.Single();
        (answer.Host, answer.Score, answer.Findings.Single().Value).ShouldBe(("b", 50, "taken by \uFFFD[31m"));
    }

    [Fact]
    public async Task A_backup_is_asked_at_once_when_what_it_would_take_over_has_changed()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        await plane.ApplyAsync(model);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        var hello = AgentDouble.HelloOf("b");
        hello.Rehearses = true;
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        await b.SendAsync(new() { ReadinessReport = new() { Complete = true, Groups = { new GroupReadiness { Group = "web", Score = 100 } } } });
        await ReadyAsync("b says that it is ready", readiness => readiness.Score == 100);
        var asked = 0;
        b.OnRehearsal = question =>
        {
            _ = Interlocked.Increment(ref asked);
            return new()
            {
                Id = question.Id,
                Score = 50,
                Findings =
                {
                    new Finding { What = "command", Subject = $"{question.Group}:http", Verdict = Verdict.Fails, Value = "missing" },
                    new Finding { What = "user", Subject = $"{question.Group}:http", Verdict = Verdict.Ok, Value = "root" },
                },
            };
        };

        // Another program, then another group: only the first has changed what b would take over of web.
        model.Programs[0].Command = "/bin/false";
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await ReadyAsync("b was asked", readiness => readiness.Score == 50 && readiness.Failing.Single().What == "command");
        model.Groups.Add(Models.Group("solo", new Member { Host = "a", Priority = 100 }));
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        model.Programs[0].Command = "/bin/true";
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await Until.HoldsAsync(() => Task.FromResult(Volatile.Read(ref asked) > 1), "b was asked again");
        asked.ShouldBe(2, "a group of another host's is none of b's business");

        Task ReadyAsync(string what, Func<GroupReadiness, bool> holds) => Until.HoldsAsync(
            async () => (await plane.Admin.ListGroupsAsync(new() { Names = { "web" } })).Groups.Single().Backups.Single().Readiness is { } readiness && holds(readiness), what);
    }

    [Fact]
    public async Task A_real_backup_finds_what_is_missing_and_says_so_by_itself()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var model = Models.Web();
        model.Programs[0].Command = "/no/such/binary";
        model.Programs[1].Environment.Add("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}");
        await plane.ApplyAsync(model);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        using var b = new RunningAgent();
        b.Start(isolated: false,
        [
            "--host", "b", "--control-plane", plane.GrpcUrl, "--run-dir", b.RunDirectory, "--state-dir", b.StateDirectory, "--shim", RunningHost.Shim,
        ]);
        BackupStatus backup = new();
        await Eventually.Until("b says what it lacks", TimeSpan.FromSeconds(60), async () =>
        {
            backup = (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single();
            return backup.Readiness is not null;
        }, () => string.Join('\n', b.Lines));
        backup.Readiness.Failing.Select(f => (f.What, f.Subject)).ShouldBe([("port", "web:db"), ("command", "web:http")], ignoreOrder: true);
        backup.Readiness.Score.ShouldBe(33);

        var failing = (await plane.Admin.RehearseAsync(new() { Group = "web", Host = "b" })).Hosts.Single();
        failing.Findings.Where(f => f.Verdict == Verdict.Fails).Select(f => f.What).Order().ShouldBe(["command", "port"]);
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Owner.ShouldBe("a", "nothing has moved");

        // What is mended is told as well, soon after the configuration has come.
        model.Programs[0].Command = model.Programs[1].Command;
        model.Programs[1].Environment.Clear();
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await Eventually.Until("b is ready", TimeSpan.FromSeconds(60), async () =>
            (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single().Readiness is { Score: 100, Failing.Count: 0 }, () => string.Join('\n', b.Lines));
        (await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web", "--to", "b")).Code.ShouldBe(0);
        b.Signal(Lab.Kernel.Libc.SigTerm);
        await b.UntilExited();
    }

    [Fact]
    public async Task A_backup_that_lacks_what_the_owner_has_says_so_by_itself_and_when_asked()
    {
        var folders = Directory.CreateTempSubdirectory("hagrpc-sync-");
        var (owners, backups) = (folders.CreateSubdirectory("a").FullName, folders.CreateSubdirectory("b").FullName);
        await File.WriteAllTextAsync($"{owners}/app.conf", "x");
        // To the owner's clock the file is an hour old.
        using var looks = new SharedDirectories(new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)));
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Directories.Add(new GroupDirectory { Path = backups });
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        var hello = AgentDouble.HelloOf("a");
        (hello.Rehearses, hello.ComparesDirectories) = (true, true);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        await a.OwnAsync("web");
        using var b = new RunningAgent();
        b.Start(isolated: false,
        [
            "--host", "b", "--control-plane", plane.GrpcUrl, "--run-dir", b.RunDirectory, "--state-dir", b.StateDirectory, "--shim", RunningHost.Shim,
        ]);
        try
        {
            await BySelfAsync("b is ready as far as it knows", readiness => readiness.Failing.Count == 0);
            var said = await LookAsync();
            said.Host = "somebody else";
            await a.SendAsync(new() { OwnersDirectories = said });
            await BySelfAsync("b says what it lacks", readiness => readiness.Failing.Any(f =>
                (f.What, f.Subject) == ("sync", $"web:{backups}")
                && f.Value.StartsWith("1 file not as on a: app.conf (missing); a has had the first for ", StringComparison.Ordinal)));

            said = await LookAsync();
            a.OnRehearsal = asked => new() { Id = asked.Id, Directories = { said.Directories } };
            var stale = await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web", "--to", "b");
            stale.Out.ShouldContain("1 file not as on a: app.conf (missing)");
            stale.Code.ShouldBe(1);
            await Command.Run("cp", "-a", $"{owners}/app.conf", backups);
            var synced = await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web", "--to", "b");
            synced.Out.ShouldContain("1 file, 0 KiB, as on a");
            synced.Code.ShouldBe(0);
        }
        finally
        {
            b.Signal(Lab.Kernel.Libc.SigTerm);
            await b.UntilExited();
            folders.Delete(recursive: true);
        }

        // Both directories are on this machine: what is in a's is told under the path of b's.
        async Task<OwnersDirectories> LookAsync()
        {
            var group = model.Groups[0].ToModel();
            var look = await looks.LookAsync(group with { Directories = [group.Directories[0] with { Path = owners }] });
            look.Directories[0].Path = backups;
            return look;
        }

        Task BySelfAsync(string what, Func<GroupReadiness, bool> holds) => Eventually.Until(what, TimeSpan.FromSeconds(60), async () =>
            (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single().Readiness is { } readiness && holds(readiness),
            () => string.Join('\n', b.Lines));
    }

    [Fact]
    public async Task Agents_that_cannot_compare_directories_are_told_and_fail_nothing()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Directories.Add(new GroupDirectory { Path = "/srv/app" });
        await plane.ApplyAsync(model);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        var hello = AgentDouble.HelloOf("b");
        hello.Rehearses = true;
        await using (var old = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null))
        {
            old.OnRehearsal = asked => asked.Owner is null ? new() { Id = asked.Id, Score = 100 } : new() { Id = asked.Id, Problem = "asked too much" };
            var said = await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web", "--to", "b");
            said.Out.ShouldContain("not compared: its agent, version 0.1.0, is too old");
            said.Code.ShouldBe(0);
        }
        hello = AgentDouble.HelloOf("b");
        (hello.Rehearses, hello.ComparesDirectories) = (true, true);
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        OwnersDirectories? owner = null;
        b.OnRehearsal = asked =>
        {
            owner = asked.Owner;
            return new() { Id = asked.Id, Score = 100 };
        };
        (await Operator.RunAsync(plane.GrpcUrl, "rehearse", "web", "--to", "b")).Code.ShouldBe(0);
        owner.ShouldBe(new OwnersDirectories { Group = "web", Host = "a", Problem = "the agent of a, version 0.1.0, is too old" });
    }
}
