using System.Collections.Immutable;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Core.Rehearsal.Trees;
using HaGrpc.Lab.World;
using HaGrpc.Linux.Files;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;
using Finding = HaGrpc.Core.Rehearsal.Finding;
using Group = HaGrpc.Core.Model.Group;
using GroupDirectory = HaGrpc.Core.Model.GroupDirectory;
using Verdict = HaGrpc.Core.Rehearsal.Verdict;

namespace HaGrpc.Functional.Tests.Rehearsal;

/// <summary>
/// A directory of the owner a and one of the backup b, both on this machine: they stand side by side here, so what a says is given b's path. The
/// clock of a stands an hour after the files were made: the kernel sets no ctime back.
/// </summary>
public sealed class SharedDirectoriesTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-sync-").FullName;
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow() + Hour);
    private readonly SharedDirectories _a, _b;
    private ImmutableArray<string> _exclude = [];

    public SharedDirectoriesTests()
    {
        (_a, _b) = (new(_time), new(_time));
        foreach (var side in "ab")
            Directory.CreateDirectory($"{_folder}/{side}");
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        // Not by its name, which may be in an encoding that .NET does not know.
        Command.Run("rm", "-rf", _folder).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task A_file_that_the_backup_lacks_since_an_hour_is_found_until_it_is_copied()
    {
        Write("a/bin/app", "one");
        Write("a/etc/app.conf", "two");
        await CopyAsync();
        (await CompareAsync()).ShouldBe(new("sync", $"web:{_folder}/b", Verdict.Ok, "2 files, 0 KiB, as on a"));

        Write("a/bin/app", "three");
        File.Delete($"{_folder}/b/etc/app.conf");
        var finding = await CompareAsync();
        finding.Verdict.ShouldBe(Verdict.Fails);
        finding.Value.ShouldContain("etc/app.conf (missing)");
        finding.Value.ShouldContain("; a has had the first for ");
        await CopyAsync();
        (await CompareAsync()).Verdict.ShouldBe(Verdict.Ok);

        // An older version, as rsync sees one: by its time.
        File.SetLastWriteTimeUtc($"{_folder}/b/bin/app", File.GetLastWriteTimeUtc($"{_folder}/a/bin/app") - Hour);
        (await CompareAsync()).Value.ShouldStartWith("1 file not as on a: bin/app (older)");
    }

    [Fact]
    public async Task What_the_owner_has_just_made_may_be_missing_however_old_it_says_it_is()
    {
        _time.SetUtcNow(TimeProvider.System.GetUtcNow() + Hour + Hour);
        Write("a/app", "one");
        await CopyAsync();
        Write("a/unpacked", "two");
        File.SetLastWriteTimeUtc($"{_folder}/a/unpacked", new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await CompareAsync(maxLag: 3 * Hour)).Verdict.ShouldBe(Verdict.Ok);
        (await CompareAsync(maxLag: Hour)).Value.ShouldStartWith("1 file not as on a: unpacked (missing); a has had the first for ");
    }

    [Fact]
    public async Task Links_are_compared_and_not_followed_and_other_file_systems_not_entered()
    {
        Write("elsewhere/secret", "s");
        Write("a/release-1/app", "one");
        File.CreateSymbolicLink($"{_folder}/a/current", "release-1");
        File.CreateSymbolicLink($"{_folder}/a/out", $"{_folder}/elsewhere");
        await CopyAsync();
        var mount = Directory.CreateDirectory($"{_folder}/a/mounted").FullName;
        await Command.Run("mount", "-t", "tmpfs", "none", mount);
        try
        {
            File.WriteAllText($"{mount}/other", "x");
            (await CompareAsync()).Value.ShouldMatch("^3 files, .* KiB, as on a$");
        }
        finally
        {
            await Command.Run("umount", "--lazy", mount);
        }
        File.Delete($"{_folder}/b/current");
        File.CreateSymbolicLink($"{_folder}/b/current", "release-0");
        await Command.Run("touch", "--no-dereference", "--reference", $"{_folder}/a/current", $"{_folder}/b/current");
        (await CompareAsync()).Value.ShouldStartWith("1 file not as on a: current (points elsewhere)");
    }

    [Fact]
    public async Task What_is_excluded_may_differ()
    {
        Write("a/app", "one");
        await CopyAsync();
        Write("a/app.log", "a");
        Write("a/cache/x", "a");
        Write("a/var/tmp/x", "a");
        Write("b/var/app.log", "b");
        (await CompareAsync()).Verdict.ShouldBe(Verdict.Fails);
        _exclude = ["*.log", "cache/", "/var/tmp"];
        (await CompareAsync()).Value.ShouldBe("1 file, 0 KiB, as on a");
    }

    [Fact]
    public async Task A_name_in_another_encoding_is_a_name()
    {
        await Command.Run("sh", "-c", $"printf x > \"$(printf '{_folder}/a/\\326\\320.txt')\"");
        (await CompareAsync()).Value.ShouldStartWith("1 file not as on a: \\xd6\\xd0.txt (missing)");
        await CopyAsync();
        (await CompareAsync()).Verdict.ShouldBe(Verdict.Ok);
    }

    [Fact]
    public async Task What_is_deeper_than_anybody_means_is_told()
    {
        Write($"a/{string.Join('/', Enumerable.Repeat("d", TreeReader.MostLevels - 1))}/app", "one");
        (await CompareAsync()).Value.ShouldMatch("/app \\(missing\\); a has had the first for (1h|59m)$");
        Write($"a/{string.Join('/', Enumerable.Repeat("d", TreeReader.MostLevels))}/app", "one");
        (await CompareAsync()).Value.ShouldMatch("^not compared: .* on a: cannot be read: d/d/.*: deeper than 64 levels$");
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(6, true)]
    public void A_walk_is_bounded(int most, bool isOver)
    {
        for (var i = 0; i < 3; i++)
            Write($"a/{i}/file", "x");
        Write("a/left-out", "x");
        var found = new List<string>();
        var reader = new TreeReader((path, _) => path == "left-out", file => found.Add(file.Path), () => false) { MostEntries = most };
        reader.Walk($"{_folder}/a").ShouldBe(0);
        reader.IsOver.ShouldBe(isOver);
        if (!isOver)
            found.Order().ShouldBe(["0/file", "1/file", "2/file"]);
    }

    [Fact]
    public void A_walk_ends_when_it_is_told_to()
    {
        for (var i = 0; i < 300; i++)
            Write($"a/{i}", "x");
        var found = 0;
        var reader = new TreeReader((_, _) => false, _ => found++, () => true) { MostEntries = 1000 };
        reader.Walk($"{_folder}/a").ShouldBe(0);
        (reader.IsOver, found).ShouldBe((true, 127));
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_told()
    {
        Write("a/app", "one");
        Directory.Delete($"{_folder}/b");
        (await CompareAsync()).Value.ShouldBe("no such directory; a has 1 file in it");
        Directory.Delete($"{_folder}/a", recursive: true);
        (await CompareAsync()).Value.ShouldBe($"not compared: {_folder}/b on a: no such directory");
    }

    [Fact]
    public async Task What_was_compared_is_kept_with_its_age_and_forgotten_when_something_else_is_to_be_compared()
    {
        Write("a/app", "one");
        var group = GroupOf("b");
        Judge(_b.Last(group)).Value.ShouldBe("not compared: nobody has said yet what the owner has");
        (await CompareAsync()).Verdict.ShouldBe(Verdict.Fails);
        _time.Advance(TimeSpan.FromMinutes(7));
        Judge(_b.Last(group)).Value.ShouldEndWith(" (compared 7m ago)");
        Judge(await _b.CompareAsync(group, new() { Group = "web", Problem = "nobody owns the group" }, Patience)).Value.ShouldEndWith(" (compared 7m ago)");
        _exclude = ["*.log"];
        Judge(_b.Last(GroupOf("b"))).Value.ShouldStartWith("not compared: ");
        _exclude = [];
        _b.Keep([], _ => false);
        Judge(_b.Last(group)).Value.ShouldStartWith("not compared: ");
    }

    [Fact]
    public async Task The_owner_looks_again_after_half_the_lag_and_when_something_else_is_to_be_looked_at()
    {
        var group = GroupOf("a", TimeSpan.FromMinutes(10));
        _a.IsDue(GroupOf("a") with { Directories = [] }).ShouldBeFalse();
        _a.IsDue(group).ShouldBeTrue();
        _ = await _a.LookAsync(group);
        _a.IsDue(group).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        _a.IsDue(group).ShouldBeFalse();
        _a.IsDue(GroupOf("a", TimeSpan.FromMinutes(9))).ShouldBeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        _a.IsDue(group).ShouldBeTrue();
        _ = await _a.LookAsync(group);
        _a.Keep([group], _ => false);
        _a.IsDue(group).ShouldBeTrue("it was another owner's meanwhile");
    }

    [Fact]
    public async Task Another_configuration_is_not_compared_with()
    {
        var said = await SayAsync(Hour / 2);
        _exclude = ["*.log"];
        Judge(await _b.CompareAsync(GroupOf("b"), said, Patience)).Value.ShouldBe("not compared: a has another configuration yet");
    }

    private async Task<Finding> CompareAsync(TimeSpan? maxLag = null) =>
        Judge(await _b.CompareAsync(GroupOf("b", maxLag), await SayAsync(maxLag), Patience));

    private async Task<OwnersDirectories> SayAsync(TimeSpan? maxLag)
    {
        var answer = await _a.SayAsync(GroupOf("a", maxLag), 1, Patience);
        answer.Problem.ShouldBe("");
        var said = new OwnersDirectories { Group = "web", Host = "a", Directories = { answer.Directories } };
        said.Directories.ShouldHaveSingleItem().Path.ShouldBe($"{_folder}/a");
        said.Directories[0].Path = $"{_folder}/b";
        return said;
    }

    private static Finding Judge(ImmutableArray<TreeComparison> trees) =>
        RehearsalJudge.Judge(Web, new HostFacts([], [], [], "") { Trees = trees }).ShouldHaveSingleItem();

    private static Group Web { get; } =
        new("web", [new("a", 120), new("b", 80)], [], [], GroupTiming.Default, new(HaGrpc.Core.Model.FailbackMode.Manual, TimeSpan.Zero));

    private Group GroupOf(string side, TimeSpan? maxLag = null) =>
        Web with { Directories = [new GroupDirectory($"{_folder}/{side}") { Exclude = _exclude, MaxLag = maxLag ?? Hour / 2 }] };

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{_folder}/{path}")!);
        File.WriteAllText($"{_folder}/{path}", text);
    }

    private Task<string> CopyAsync() => Command.Run("cp", "-a", $"{_folder}/a/.", $"{_folder}/b");
}
