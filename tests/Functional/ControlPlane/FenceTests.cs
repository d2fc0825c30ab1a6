using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Rule C10 with fence agents that really run: hosts that are switched off, and devices that do not do what they say.</summary>
public sealed class FenceTests : IDisposable
{
    private const string Off = "exit 0";
    private const string SaysOff = "exit 2";
    private const string SaysOn = "exit 0";
    private static readonly string Agents = Path.Combine(AppContext.BaseDirectory, "ControlPlane", "Parts");
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("hagrpc-fence-");

    public void Dispose() => _state.Delete(recursive: true);

    /// <summary>It tells no lease, so that it would be feared for ever: only the device can have been believed.</summary>
    [Fact]
    public async Task A_host_that_was_switched_off_is_replaced_without_waiting_for_its_lease()
    {
        await using var plane = await StartAsync();
        await plane.ApplyAsync(Fenced());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AttachTellingAsync(plane, "b");
        b.KeepBeating();
        await Until.HoldsAsync(async () => (await GroupAsync(plane)).Backups is [{ Obstacle: "" }], "b could take over");
        // It really is off when the device says so.
        Device($"touch {_state.FullName}/begun; while [ ! -e {_state.FullName}/dead ]; do sleep 0.02; done", SaysOff);

        var fencing = Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--yes", "a", "--reason", "it hangs");
        await Until.HoldsAsync(() => Task.FromResult(File.Exists($"{_state.FullName}/begun")), "the device is asked");
        (await GroupAsync(plane)).Owner.ShouldBe("a", "nothing is confirmed yet");
        await a.DisposeAsync();
        await plane.DetachedAsync("a"); // A word of it that came later would be one from beyond the grave.
        await File.WriteAllTextAsync($"{_state.FullName}/dead", "");
        var done = await fencing;

        done.Out.ShouldStartWith("a owns:\n  web (epoch 1): VIPs none; programs db, http; could be taken over by b\n");
        done.Out.ShouldContain("It is switched off by fence_fake (off).\nweb: taken over by b, epoch 2, took ");
        (done.Error, done.Code).ShouldBe(("", 0));
        (await GroupAsync(plane)).LastReason.ShouldBe("a is confirmed off by fence_fake (off)");
        Told().ShouldBe(
        [
            $"action=off\nnodename=a\nplug=7\nstate={_state.FullName}",
            $"action=metadata\nnodename=a\nplug=7\nstate={_state.FullName}",
            $"action=status\nnodename=a\nplug=7\nstate={_state.FullName}",
        ]);
        await Until.HoldsAsync(async () => (await EventsAsync(plane)).Count == 2, "what came of it is in the history");
        (await EventsAsync(plane)).Select(e => (e.Kind, e.Host, e.Message)).ShouldBe(
        [
            ("FenceStarted", "a", "fence_fake (off): it hangs"),
            ("HostFenced", "a", "confirmed off by fence_fake (off); over now: web@1"),
        ]);
        (await plane.Admin.ListHostsAsync(new())).Hosts.Single(h => h.Host.Name == "a").State.ShouldBe(HostState.Dead);
    }

    [Theory]
    [InlineData("echo 'no route to 10.0.0.9' >&2; exit 1", SaysOff, "fence_fake off ended with exit code 1: no route to 10.0.0.9")]
    [InlineData(Off, SaysOn, "fence_fake has said that it switched a off, and says now that it is on: do not believe it")]
    [InlineData(Off, "echo broken; exit 1", "fence_fake status ended with exit code 1: broken")]
    [InlineData("kill -9 $$", SaysOff, "fence_fake off ended with exit code 137")]
    public async Task What_is_not_confirmed_takes_nothing_from_the_host(string off, string status, string why)
    {
        await using var plane = await StartAsync();
        await plane.ApplyAsync(Fenced());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();
        await Until.HoldsAsync(async () => (await GroupAsync(plane)).Phase == "Owned", "a's lease is known");
        Device(off, status);

        var done = await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--yes", "a");

        done.Error.ShouldBe($"hactl: refused: it is not confirmed that a is off, and nothing was taken from it: {why}\n");
        done.Code.ShouldBe(1);
        await Until.HoldsAsync(async () => (await EventsAsync(plane)).Count == 2, "what came of it is in the history");
        (await EventsAsync(plane)).Select(e => (e.Kind, e.Message)).ShouldBe(
            [("FenceStarted", "fence_fake (off): hactl fence by wu"), ("FenceFailed", $"it is not confirmed that a is off: {why}")]);
        var group = await GroupAsync(plane);
        (group.Owner, group.Epoch, group.Phase).ShouldBe(("a", 1, "Owned"));
    }

    [Fact]
    public async Task A_device_that_hangs_is_killed_with_all_that_it_has_started()
    {
        await using var plane = await StartAsync();
        var model = Fenced();
        model.Hosts[0].Fence.Timeout = TimeSpan.FromSeconds(3).ToProto();
        await plane.ApplyAsync(model);
        Device($"sleep 600 & echo $! > {_state.FullName}/child; wait", SaysOff);

        var done = await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--yes", "a");

        done.Error.ShouldContain("fence_fake off was not done within 3s and was killed");
        var child = (await File.ReadAllTextAsync($"{_state.FullName}/child")).Trim();
        await Until.HoldsAsync(() => Task.FromResult(IsGone(child)), "its child is dead");
    }

    /// <summary>The device says off, the host says that it lives.</summary>
    [Fact]
    public async Task A_device_is_not_believed_whose_host_goes_on_to_heartbeat()
    {
        await using var plane = await StartAsync();
        await plane.ApplyAsync(Fenced());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        Device(Off, SaysOff);

        var done = await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--yes", "a");

        done.Out.ShouldContain("web: a is confirmed off, and nobody has taken it over: ");
        done.Code.ShouldBe(1);
        await Until.HoldsAsync(async () => (await EventsAsync(plane)).Any(e => e.Kind == "FenceDoubted"), "it is doubted");
        (await EventsAsync(plane)).Single(e => e.Kind == "FenceDoubted").Message.ShouldBe(
            "a was heard after it was confirmed off, from the boot that should have ended: web: its lease counts again");
        await Until.HoldsAsync(async () => await GroupAsync(plane) is { Owner: "a", Epoch: 1, Phase: "Owned" }, "its lease counts again");
        await a.BeatAsync();
    }

    [Fact]
    public async Task Where_fencing_is_required_nobody_takes_over_until_a_device_or_an_operator_has_confirmed()
    {
        await using var plane = await StartAsync();
        var model = Fenced();
        model.Hosts[1].Fence = model.Hosts[0].Fence.Clone();
        model.Groups[0].Fencing = HaGrpc.V1.Fencing.Required;
        await plane.ApplyAsync(model);
        Device("echo 'no route to 10.0.0.9' >&2; exit 1", SaysOff);
        await using var a = await AgentDouble.AttachMortalAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AttachTellingAsync(plane, "b");
        b.KeepBeating();

        (await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--confirm-off", "--yes", "a")).Error
            .ShouldMatch(@"^hactl: refused: host: a was heard \d\.\d s ago, so it is not off\n$");
        await a.DisposeAsync();
        await Until.HoldsAsync(async () => (await EventsAsync(plane)).Any(e => e.Kind == "FenceFailed"), "the device was asked by itself");

        (await EventsAsync(plane))[0].Message.ShouldStartWith("fence_fake (off): web requires it: a has been silent for ");
        // It tries again by itself, and says other words while it does.
        var group = new GroupStatus();
        await Until.HoldsAsync(
            async () => (group = await GroupAsync(plane)).Detail.StartsWith(
                "fencing is required and a is not confirmed off: fence_fake off ended with exit code 1: no route to 10.0.0.9; tried again in ", StringComparison.Ordinal),
            "it is said that it will be tried again");
        group.Owner.ShouldBe("a");
        var done = await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--confirm-off", "--yes", "a", "--reason", "I have pulled the plug");
        done.Out.ShouldContain("No device is asked: you say that a is off. If it is not, it goes on beside the new owners until its leases end");
        done.Out.ShouldContain("web: taken over by b, epoch 2, took ");
        (await GroupAsync(plane)).LastReason.ShouldEndWith(", who says to have seen it (I have pulled the plug)");
    }

    [Fact]
    public async Task Where_fencing_is_required_the_leader_has_a_lost_owner_switched_off()
    {
        await using var plane = await StartAsync();
        var model = Fenced();
        model.Hosts[1].Fence = model.Hosts[0].Fence.Clone();
        model.Groups[0].Fencing = HaGrpc.V1.Fencing.Required;
        await plane.ApplyAsync(model);
        Device(Off, SaysOff);
        await using var a = await AgentDouble.AttachMortalAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AttachTellingAsync(plane, "b");
        b.KeepBeating();

        await a.DisposeAsync();

        await Until.HoldsAsync(async () => (await GroupAsync(plane)) is { Owner: "b", Phase: "Owned" }, "b owns the group");
        (await GroupAsync(plane)).LastReason.ShouldBe("a is confirmed off by fence_fake (off)");
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_before_anything_is_done()
    {
        await using var plane = await StartAsync();
        var model = Fenced();
        model.Hosts[0].Fence.Agent = "fence_none";
        model.Hosts.Add(new Host { Name = "c", Fence = Fenced().Hosts[0].Fence });
        model.Hosts[2].Fence.Options["password_script"] = "/bin/sh";
        await plane.ApplyAsync(model);

        var missing = await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--dry-run");
        missing.Out.ShouldBe("a owns nothing.\na has not been heard.\n"
            + $"It cannot be switched off by fence_none (off): there is no fence_none in {Agents} (Fencing:Agents) on the control plane's host\n");
        missing.Code.ShouldBe(1);
        (await Operator.RunAsync(plane.GrpcUrl, "fence", "a", "--yes", "a")).Code.ShouldBe(1);
        (await Operator.RunAsync(plane.GrpcUrl, "fence", "c", "--dry-run")).Out
            .ShouldEndWith("password_script: /bin/sh is not in /etc/ha/ (Fencing:Scripts), and nothing else may be run for a password\n");
        (await Operator.RunAsync(plane.GrpcUrl, "fence", "b", "--yes", "b")).Error
            .ShouldBe("hactl: refused: host: b has no fence device: switch it off, see that it is off, and say so with --confirm-off\n");
        (await Operator.RunAsync(plane.GrpcUrl, "fence", "bb", "--yes", "bb")).Error
            .ShouldBe("hactl: refused: host: no host is called 'bb'\n");
        File.Exists($"{_state.FullName}/told").ShouldBeFalse();
    }

    [Fact]
    public async Task A_group_that_requires_fencing_needs_devices_and_keeps_them()
    {
        await using var plane = await StartAsync();
        var model = Fenced();
        model.Groups[0].Fencing = HaGrpc.V1.Fencing.Required;
        (await plane.Admin.ApplyAsync(model)).Errors.Select(e => (e.Path, e.Value)).ShouldBe([("groups[0].members[1].host", "b")]);
        model.Hosts[1].Fence = model.Hosts[0].Fence.Clone();
        await plane.ApplyAsync(model);
        (await plane.ApplyAsync(model)).Changes.ShouldAllBe(c => c.Kind == ChangeKind.Unchanged);

        var refused = await plane.Admin.ApplyAsync(new() { Hosts = { new Host { Name = "b" } } });

        refused.Errors.Single().Message.ShouldBe("must be given: it is a member of web, with fencing: required");
        (await plane.Admin.ListHostsAsync(new())).Hosts.Select(h => h.Host).ShouldBe(model.Hosts);
    }

    private static Task<InProcessPlane> StartAsync() => InProcessPlane.StartLeadingAsync($"--fence-agents={Agents}");

    private ApplyRequest Fenced()
    {
        var model = Models.Web();
        model.Groups[0] = model.Groups[0].Clone();
        model.Hosts[0] = new Host
        {
            Name = "a",
            Fence = new()
            {
                Agent = "fence_fake",
                Action = FenceAction.Off,
                Timeout = TimeSpan.FromSeconds(50).ToProto(),
                Options = { ["state"] = _state.FullName, ["plug"] = "7" },
            },
        };
        return model;
    }

    /// <summary>One that tells, as agents do, that it has taken a group.</summary>
    private static Task<AgentDouble> AttachTellingAsync(InProcessPlane plane, string host) =>
        AgentDouble.AttachAsync(plane.GrpcUrl, AgentDouble.HelloOf(host), (agent, _) => agent.Owns("web")
            ? agent.SendAsync(new()
            {
                Event = new()
                {
                    Id = $"{host}/1",
                    At = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
                    Kind = "OwnershipTaken",
                    Group = "web",
                    Epoch = 2,
                },
            })
            : Task.CompletedTask);

    private void Device(string off, string status)
    {
        File.WriteAllText($"{_state.FullName}/off", off);
        File.WriteAllText($"{_state.FullName}/status", status);
    }

    private string[] Told() => File.ReadAllText($"{_state.FullName}/told").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

    private static async Task<GroupStatus> GroupAsync(InProcessPlane plane) => (await plane.Admin.ListGroupsAsync(new())).Groups.Single();

    private static async Task<IReadOnlyList<Event>> EventsAsync(InProcessPlane plane) => (await plane.Admin.ListEventsAsync(
        new() { Filter = new() { Kinds = { "FenceStarted", "HostFenced", "FenceFailed", "FenceDoubted", "FenceOutdated" } } })).Events;

    // A zombie that nobody has waited for yet is dead too.
    private static bool IsGone(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
