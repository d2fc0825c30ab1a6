using System.Text;
using HaGrpc.Agent.Ownership;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.V1;
using View = HaGrpc.Core.Ownership.View;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>What an agent knows after a boot, and what it claims to know while its disk fails (rule W7).</summary>
public sealed class StateFilesTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ha-state-");
    private readonly CollectedLog<StateFiles> _log = new();

    private string GroupFile => Path.Combine(_directory.FullName, "groups", "web.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task What_was_stored_is_read_again()
    {
        using (var files = Open())
        {
            files.Save(new HostConfiguration { Revision = 12 });
            await Stored(files, Web(accepted: 7, ended: 6)); // Behind it: its end waits no longer than a second for the disk.
        }
        using var next = Open();
        next.LoadConfiguration()!.Revision.ShouldBe(12);
        var group = next.LoadGroups(out var sameBoot).Single();
        (group.Group, group.Accepted, group.Ended, group.View.Version, group.View.Length).ShouldBe(("web", 7, 6, 3, TimeSpan.FromSeconds(1.5)));
        group.View.Members.ShouldBe(["b"]);
        sameBoot.ShouldBeTrue();
        using var booted = new StateFiles(_directory.FullName, Guid.NewGuid(), _log);
        _ = booted.LoadGroups(out sameBoot);
        sameBoot.ShouldBeFalse();
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"Group\":\"web\",\"Accepted\":7")]
    [InlineData("null")]
    [InlineData("{\"Group\":\"other\",\"Accepted\":7,\"Ended\":6,\"BootId\":\"00000000-0000-0000-0000-000000000000\",\"ViewVersion\":1,\"ViewMembers\":[],\"ViewLengthTicks\":1}")]
    [InlineData("{\"Group\":\"web\",\"Accepted\":6,\"Ended\":7,\"BootId\":\"00000000-0000-0000-0000-000000000000\",\"ViewVersion\":1,\"ViewMembers\":[],\"ViewLengthTicks\":1}")]
    public async Task A_damaged_file_is_put_aside_and_costs_only_its_own_group(string damage)
    {
        using (var files = Open())
        {
            await Stored(files, Web(accepted: 7, ended: 6));
            await Stored(files, Web(accepted: 4, ended: 0) with { Group = "whole" });
        }
        File.WriteAllText(GroupFile, damage);
        using var next = Open();
        next.LoadGroups(out _).Select(g => g.Group).ShouldBe(["whole"]);
        File.ReadAllText(GroupFile + ".damaged").ShouldBe(damage);
        File.Exists(GroupFile).ShouldBeFalse();
        var line = _log.Lines.ShouldHaveSingleItem();
        line.ShouldStartWith("Error: State file " + GroupFile);
        line.ShouldEndWith("put aside as .damaged: this host does not own the group any more");
    }

    [Fact]
    public void A_damaged_configuration_is_put_aside()
    {
        File.WriteAllBytes(Path.Combine(_directory.FullName, "configuration.pb"), [0xff, 0xff, 0xff]);
        using var files = Open();
        files.LoadConfiguration().ShouldBeNull();
        _log.Lines.ShouldHaveSingleItem().ShouldEndWith("put aside as .damaged: this host waits for the control plane's");
    }

    [Fact]
    public async Task Nothing_is_called_stored_while_the_disk_fails_and_what_came_last_is_stored_once_it_works()
    {
        using var files = Open();
        // Stands where the temporary file has to go: fails for root too.
        var obstacle = Directory.CreateDirectory(GroupFile + ".new");
        var called = new List<long>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var epoch = 1L; epoch <= 1000; epoch++)
        {
            var mine = epoch;
            files.Save(Web(accepted: epoch, ended: epoch - 1), () =>
            {
                lock (called)
                    called.Add(mine);
                if (mine == 1000)
                    last.SetResult();
            });
        }
        var other = Stored(files, Web(accepted: 1, ended: 0) with { Group = "other" });
        await other.WaitAsync(Limit);
        await Eventually.Until("the failure is logged", Limit, () => _log.Lines.Count == 1);
        _log.Lines.Single().ShouldContain("tried again until it can: until then this host accepts no promotion and reports no epoch as ended");
        lock (called)
            called.ShouldBeEmpty();
        obstacle.Delete();
        await last.Task.WaitAsync(Limit);
        lock (called)
            called.Count.ShouldBeLessThanOrEqualTo(2, "of one file only the newest contents wait");
        files.LoadGroups(out _).Single(g => g.Group == "web").Accepted.ShouldBe(1000);
        _log.Lines.Skip(1).ShouldBe([$"Information: State file {GroupFile} is written again"]);
    }

    [Fact]
    public async Task A_reader_finds_the_old_contents_or_the_new_ones_and_never_less()
    {
        using var files = Open();
        await Stored(files, Web(accepted: 1, ended: 0));
        var seen = 0;
        var writing = Task.Run(async () =>
        {
            // However fast the disk and however late the reader.
            for (var epoch = 2L; epoch < 300 || Volatile.Read(ref seen) < 10; epoch++)
                await Stored(files, Web(accepted: epoch, ended: 0));
        });
        while (!writing.IsCompleted)
        {
            Encoding.UTF8.GetString(await File.ReadAllBytesAsync(GroupFile)).ShouldEndWith("}");
            seen++;
        }
        await writing;
        seen.ShouldBeGreaterThan(0);
    }

    private static DurableGroup Web(long accepted, long ended) =>
        new("web", accepted, ended, new View(3, ["b"], TimeSpan.FromSeconds(1.5)));

    private static async Task Stored(StateFiles files, DurableGroup group)
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        files.Save(group, stored.SetResult);
        await stored.Task.WaitAsync(Limit);
    }

    private StateFiles Open() => new(_directory.FullName, RunningHost.Boot, _log);
}
