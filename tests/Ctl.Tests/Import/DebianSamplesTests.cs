namespace HaGrpc.Ctl.Tests.Import;

/// <summary>
/// What Debian's packages bring as examples, as they are. Whatever comes of one can be applied (every import of these tests asks that), and what it names is
/// there, or said to be left out.
/// </summary>
public sealed class DebianSamplesTests
{
    private const string Keepalived = "/usr/share/doc/keepalived/samples";
    private const string Supervisor = "/usr/lib/python3/dist-packages/supervisor";

    public static TheoryData<string> KeepalivedFiles => Files(Keepalived, "keepalived.conf.*");

    public static TheoryData<string> SupervisorFiles => Files(Supervisor, "*.conf");

    [Theory]
    [MemberData(nameof(KeepalivedFiles))]
    public void Each_of_keepalived_becomes_groups_or_is_said_to_have_none(string sample)
    {
        using var files = new ImportedFiles();
        var lines = Lines(Keepalived, sample, "package keepalived");
        files.Write("keepalived.conf", string.Join('\n', lines));
        var run = files.ImportKeepalived();
        string[] reported = [.. run.Lost, .. run.Notes];
        var block = "";
        var instances = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split('!', '#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words[^1] == "{")
                block = words[0];
            var isReported = reported.Any(line => line.Contains($":{i + 1}:", StringComparison.Ordinal));
            if (words[0] == "vrrp_instance")
            {
                instances++;
                (isReported || run.Groups.Any(g => g.Name == words[1])).ShouldBeTrue($"{i + 1}: {lines[i]}");
            }
            else if (block is "virtual_ipaddress" or "virtual_ipaddress_excluded" && words[0] is not ("}" or "virtual_ipaddress" or "virtual_ipaddress_excluded"))
                (isReported || run.Text.Contains(words[0].Split('/')[0], StringComparison.Ordinal)).ShouldBeTrue($"{i + 1}: {lines[i]}\n{run.Text}");
            if (words[0] == "}")
                block = "";
        }
        if (run.Manifest is null)
            (instances, string.Join('\n', run.Problems)).ShouldBe((0, "test: there is nothing in it that could be imported"));
        else
            run.Groups.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(SupervisorFiles))]
    public void Each_program_of_supervisor_is_a_program_or_is_said_to_be_none(string sample)
    {
        using var files = new ImportedFiles();
        var lines = Lines(Supervisor, sample, "package supervisor");
        var run = files.ImportSupervisor(ImportedFiles.Pair, files.Write("supervisord.conf", string.Join('\n', lines)));
        string[] reported = [.. run.Lost, .. run.Notes];
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("[program:", StringComparison.Ordinal) && !lines[i].StartsWith("[eventlistener:", StringComparison.Ordinal)
                && !lines[i].StartsWith("[fcgi-program:", StringComparison.Ordinal))
                continue;
            var section = lines[i].Split(']')[0].TrimStart('[');
            var name = section.Split(':')[1];
            (reported.Any(line => line.Contains(section, StringComparison.Ordinal) || line.Contains($":{i + 1}:", StringComparison.Ordinal))
                || (run.Manifest is not null && run.Programs.Any(p => p.Name.Name == name))).ShouldBeTrue($"{i + 1}: {lines[i]}\n{run.Text}");
        }
        if (run.Manifest is null)
            run.Problems.ShouldNotBeEmpty();
    }

    // The name only: the path would be of one machine. Where documentation is not installed there is one case, which is skipped.
    private static TheoryData<string> Files(string folder, string pattern) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)]
        : [""];

    private static string[] Lines(string folder, string sample, string package)
    {
        Assert.SkipWhen(sample.Length == 0, $"the {package} or its documentation is not installed");
        return File.ReadAllText(Path.Join(folder, sample)).Split('\n');
    }
}
