using System.Text.RegularExpressions;

namespace HaGrpc.Tidy.Tests;

/// <summary>Files small enough to read, names that say something, nothing of one machine.</summary>
public sealed partial class FileTests
{
    private const int LongestFile = 450;

    [Fact]
    public void No_file_is_too_long_to_hold_one_idea() =>
        SourceTree.Files(".cs", ".proto", ".sh").Where(f => f.Lines.Count() > LongestFile)
            .Select(f => $"{f.Path}: {f.Lines.Count()} lines").ShouldBeEmpty();

    [Fact]
    public void No_name_says_nothing() =>
        SourceTree.CSharp().SelectMany(f => Empty().Matches(f.Code).Select(m => $"{f.Path}: {m.Value}"))
            .Concat(SourceTree.CSharp().Where(f => EmptyName().IsMatch(Path.GetFileNameWithoutExtension(f.Path))).Select(f => f.Path))
            .ShouldBeEmpty();

    [Fact]
    public void No_path_of_one_machine_is_written_down() =>
        SourceTree.Files(".cs", ".sh", ".md", ".csproj", ".props", ".proto", ".yml", ".yaml", ".json", ".proj")
            .Where(f => !f.Path.StartsWith("tests/Tidy/", StringComparison.Ordinal))
            .SelectMany(f => f.Lines.Where(l => MachinePath().IsMatch(l.Line)).Select(l => $"{f.Path}:{l.Number}: {l.Line.Trim()}"))
            .ShouldBeEmpty();

    [Fact]
    public void No_event_id_of_a_log_message_is_used_twice()
    {
        var ids = SourceTree.CSharp("src/").SelectMany(f => LogMessage().Matches(f.Text).Select(m => (Id: int.Parse(m.Groups[1].Value), f.Path))).ToList();
        ids.GroupBy(i => i.Id).Where(g => g.Count() > 1)
            .Select(g => $"{g.Key}: {string.Join(", ", g.Select(i => i.Path))}").ShouldBeEmpty();
        ids.Where(i => !InRange(i.Id, i.Path)).Select(i => $"{i.Path}: {i.Id}").ShouldBeEmpty("ControlPlane has 1000 to 1999, Agent 2000 to 2999");
    }

    [Fact]
    public void Every_log_message_has_an_event_id() =>
        SourceTree.CSharp("src/").SelectMany(f => AnyLogMessage().Matches(f.Text).Where(m => !LogMessage().IsMatch(m.Value)).Select(m => $"{f.Path}: {m.Value}"))
            .ShouldBeEmpty();

    /// <summary>What <c>dotnet format</c> says of imports only after it has loaded the whole solution, two minutes later.</summary>
    [Fact]
    public void Usings_stand_in_order_with_System_first() =>
        SourceTree.CSharp().Select(f => (f.Path, Usings: UsingDirective().Matches(f.Text).Select(m => m.Groups[1].Value).ToList()))
            .Where(f => !f.Usings.SequenceEqual(f.Usings.OrderBy(UsingKind).ThenBy(u => u, UsingOrder)))
            .Select(f => $"{f.Path}: {string.Join(", ", f.Usings.OrderBy(UsingKind).ThenBy(u => u, UsingOrder))}").ShouldBeEmpty();

    private static int UsingKind(string name) =>
        name.Contains('=', StringComparison.Ordinal) ? 3
        : name.StartsWith("static ", StringComparison.Ordinal) ? 2
        : name == "System" || name.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1;

    private static Comparer<string> UsingOrder { get; } = Comparer<string>.Create((a, b) =>
    {
        // Name by name: A.B comes before A1.
        var (left, right) = (a.Split('.'), b.Split('.'));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = StringComparer.OrdinalIgnoreCase.Compare(left[i], right[i]);
            if (order != 0)
                return order;
        }
        return left.Length - right.Length;
    });

    private static bool InRange(int id, string path) =>
        path.StartsWith("src/ControlPlane/", StringComparison.Ordinal) ? id is >= 1000 and < 2000
        : !path.StartsWith("src/Agent/", StringComparison.Ordinal) || id is >= 2000 and < 3000;

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum|namespace)\s+(?:struct\s+|class\s+)?[\w.]*(?:Manager|Helpers?|Utils?|Utilities|Common)\b")]
    private static partial Regex Empty();

    [GeneratedRegex(@"(Manager|Helpers?|Utils?|Utilities|Common)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"(^|[^\w./-])/(work|farm|root|home/\w+)/|/tmp/(w|brief|hub)\b")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^using ([^;(]+);", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex LogMessage();

    [GeneratedRegex(@"\[LoggerMessage\([^)]{0,40}")]
    private static partial Regex AnyLogMessage();
}
