using System.Globalization;
using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Core.Tests.Rehearsal.Trees;

/// <summary>The owner a looked at second 100,000; what it changed before 99,400 has to be on b too.</summary>
public sealed class TreeComparisonTests
{
    private const long Look = 100_000, Hour = 3600;
    private const int Plenty = 48 << 10;
    private static readonly GroupDirectory App = new("/srv/app") { MaxLag = TimeSpan.FromMinutes(10) };

    private static readonly TreeEntry Binary = new("bin/app", 5000, 1000, Look - (9 * Hour));
    private static readonly TreeEntry Config = new("etc/app.conf", 100, Look - (2 * Hour), Look - (2 * Hour));
    private static readonly TreeEntry Link = new("current", 7, 2000, Look - (3 * Hour), "release");

    [Fact]
    public void What_has_the_same_files_is_in_sync_in_whatever_order_and_whoever_copied_it() =>
        Compare([Binary, Config, Link], [Link with { Changed = Look + 5 }, Config with { Changed = 1 }, Binary])
            .ShouldBe(new("sync", "web:/srv/app", Verdict.Ok, "3 files, 5 KiB, as on a"));

    [Fact]
    public void What_is_missing_older_or_of_another_size_is_stale()
    {
        var data = new TreeEntry("data", 10, 5000, Look - 700);
        var finding = Compare(
            [Binary, Config, Link, data], [Config with { Modified = Config.Modified - 1 }, Link with { Target = "old" }, data with { Size = 9 }]);
        finding.Verdict.ShouldBe(Verdict.Fails);
        finding.Value.ShouldBe("4 files not as on a: bin/app (missing), current (points elsewhere), etc/app.conf (older) and 1 more; a has had the first for 9h");
        finding.Right.ShouldBe("what a has had for more than 10m: see why the synchronization is behind, or exclude what differs by host");
    }

    [Theory]
    [InlineData(599, Verdict.Ok)]
    [InlineData(600, Verdict.Fails)]
    public void What_changed_on_the_owner_less_than_max_lag_ago_may_be_missing(long ago, Verdict verdict)
    {
        var changed = Config with { Changed = Look - ago };
        Compare([Binary, changed], [Binary]).Verdict.ShouldBe(verdict);
        Compare([Binary, changed], [Binary, Config with { Modified = 5, Size = 1 }]).Verdict.ShouldBe(verdict);
    }

    [Fact]
    public void A_file_that_came_with_an_old_time_is_as_new_as_it_came() =>
        Compare([Binary, Config with { Modified = 10, Changed = Look - 5 }], [Binary]).Verdict.ShouldBe(Verdict.Ok);

    [Fact]
    public void What_is_newer_than_on_the_owner_is_a_warning()
    {
        var finding = Compare([Binary, Config], [Binary, Config with { Modified = Look - Hour }]);
        (finding.Verdict, finding.Value).ShouldBe((Verdict.Warning, "1 file newer than on a: etc/app.conf"));
        finding.Right.ShouldBe("nobody writes here while a owns the group, and copies keep their times (rsync -t)");
    }

    [Fact]
    public void What_was_written_since_the_owner_looked_may_have_come_from_there() =>
        Compare([Binary, Config], [Binary, Config with { Modified = Look, Size = 7 }]).Verdict.ShouldBe(Verdict.Ok);

    [Fact]
    public void What_the_owner_has_not_is_a_warning_with_both_counts()
    {
        var finding = Compare([Binary], [Binary, Config, Link]);
        (finding.Verdict, finding.Value).ShouldBe((Verdict.Warning, "at least 2 files that a has not; 1 file there, 3 here"));
        finding.Right.ShouldBe("deletions are synchronized too (rsync --delete), or what differs by host is excluded");
    }

    [Fact]
    public void Old_files_that_are_not_listed_are_missed_too_also_beside_files_that_were_deleted_on_the_owner()
    {
        var many = Many(3000);
        Compare(many, many).Value.ShouldBe("3000 files, 2.9 MiB, as on a");
        var left = many.Skip(3).Concat(Enumerable.Range(0, 20).Select(i => new TreeEntry($"deleted/{i}", 1, 1, 1))).ToArray();
        var finding = Compare(many, left);
        finding.Verdict.ShouldBe(Verdict.Fails);
        finding.Value.ShouldMatch(
            "^at least [123] files? not as on a, changed there longer ago than the last 500; 3000 files there, 3017 here; at least (1[0-9]|20) files that a has not");
    }

    [Theory]
    [InlineData(1, 0, "")]
    [InlineData(0, 1, "")]
    [InlineData(0, 0, "elsewhere")]
    public void One_old_file_that_is_otherwise_is_found_among_many(long older, long smaller, string target)
    {
        var many = Many(3000);
        TreeEntry[] other = [many[0] with { Modified = many[0].Modified - older, Size = many[0].Size - smaller, Target = target }, .. many[1..]];
        var finding = Compare(many, other);
        (finding.Verdict, finding.Value).ShouldBe((
            Verdict.Fails, "at least 1 file not as on a, changed there longer ago than the last 500; 3000 files there, 3000 here"));
    }

    [Fact]
    public void What_changes_faster_than_can_be_listed_is_not_judged_and_hides_little_else()
    {
        var old = Many(3000);
        TreeEntry[] busy = [.. Enumerable.Range(0, 510).Select(i => new TreeEntry($"busy/{i}", 1, Look, Look - 1))];
        TreeEntry[] behind = [.. busy.Select(e => e with { Modified = 5 })];
        Compare([.. old, .. busy], [.. old, .. behind]).Verdict.ShouldBe(Verdict.Ok);
        Compare([.. old, .. busy], [.. old.Skip(100), .. behind]).Verdict.ShouldBe(Verdict.Fails);
        var all = Many(3000, changed: Look - 1);
        var finding = Compare(all, [.. all.Select(e => e with { Modified = 5 })]);
        (finding.Verdict, finding.Value).ShouldBe((Verdict.Warning, "3000 files; too much of it changed within 10m to compare it"));
    }

    [Fact]
    public void The_list_is_bounded_in_bytes_and_what_is_not_listed_is_counted()
    {
        var many = Many(400);
        var look = Sketch(many, 4000);
        look.Newest.Length.ShouldBeInRange(50, 120);
        look.Newest.Min(e => e.Changed).ShouldBe(many[^look.Newest.Length].Changed);
        look.Rest.Sum(part => part.Count).ShouldBe(400 - look.Newest.Length);
        var here = new TreeMatch(look);
        foreach (var entry in many)
            here.Add(entry);
        var tree = TreeComparison.Of(App, "a", look, here);
        (tree.Files, tree.Bytes, tree.OwnersFiles).ShouldBe((400, 400_000, 400));
        (tree.Stale.Length, tree.Newer.Length, tree.StaleRest, tree.Extra, tree.Unsettled).ShouldBe((0, 0, 0, 0, 0));
    }

    [Fact]
    public void A_directory_that_is_not_there_fails_and_one_that_could_not_be_compared_does_not()
    {
        var tree = new TreeComparison("/srv/app", "a");
        Judge(tree with { IsMissing = true, OwnersFiles = 3 }).ShouldBe(
            new("sync", "web:/srv/app", Verdict.Fails, "no such directory; a has 3 files in it", "what a has: see whether the synchronization runs"));
        var finding = Judge(tree with { Problem = "the agent of a, version 0.1.0, is too old", Age = "7m ago" });
        (finding.Verdict, finding.Value).ShouldBe((Verdict.Warning, "not compared: the agent of a, version 0.1.0, is too old (compared 7m ago)"));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m")]
    [InlineData(7559, "2h5m")]
    public void An_age_is_told_roughly(double seconds, string text) => AgeText.Of(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    // From the oldest to the newest, all of them settled.
    private static TreeEntry[] Many(int count, long? changed = null) =>
    [
        .. Enumerable.Range(0, count).Select(i => new TreeEntry(
            string.Create(CultureInfo.InvariantCulture, $"lib/{i % 7}/{i}"), 1000, 50 + i, changed ?? 100 + i)),
    ];

    private static TreeLook Sketch(IEnumerable<TreeEntry> owners, int bytes)
    {
        var sketch = new TreeSketch(Look, App.MaxLag, bytes);
        foreach (var entry in owners)
            sketch.Add(entry);
        return sketch.Finish(App.Path, App.Exclude);
    }

    private static Finding Compare(IEnumerable<TreeEntry> owners, IEnumerable<TreeEntry> here)
    {
        var look = Sketch(owners, Plenty);
        var match = new TreeMatch(look);
        foreach (var entry in here)
            match.Add(entry);
        return Judge(TreeComparison.Of(App, "a", look, match));
    }

    private static Finding Judge(TreeComparison tree)
    {
        var group = new Group("web", [new("a", 120), new("b", 80)], [], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero));
        return RehearsalJudge.Judge(group, new HostFacts([], [], [new(IPAddress.Loopback, "lo")], "") { Trees = [tree] }).Single();
    }
}
