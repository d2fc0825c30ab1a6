namespace HaGrpc.Core.Model.Validation;

/// <summary>
/// Several programs of a host may write to one log file, and rotate it by turns (docs/adr/0046). Compress it they must not: one would remove a
/// backup to which another still writes.
/// </summary>
internal static class SharedLogRules
{
    internal static void Check(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        var hosts = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var group in (stored?.Groups ?? []).Concat(request.Groups))
            hosts[group.Name] = group.Members.Select(member => member.Host).ToHashSet(StringComparer.Ordinal);
        var writers = new Dictionary<string, List<Writer>>(StringComparer.Ordinal);
        var replaced = request.Programs.Select(program => program.Name).ToHashSet();
        foreach (var program in stored?.KnownPrograms ?? [])
        {
            if (!replaced.Contains(ProgramExpansion.TemplateOf(program)))
                _ = FirstConflict(program);
        }
        for (var p = 0; p < request.Programs.Length; p++)
        {
            if (FirstConflict(request.Programs[p]) is var (path, other))
            {
                errors.Add(new($"programs[{p}].logfile_compress", request.Programs[p].LogfileCompress ? "true" : "false",
                    $"{path} is a log file of {other} too, and of several writers none may compress: give each its own, or leave logfile_compress out of all of them"));
            }
        }

        (string Path, ProgramName Other)? FirstConflict(Program program)
        {
            (string, ProgramName)? first = null;
            foreach (var process in ProgramExpansion.Of(program))
            {
                string[] paths = process.RedirectStderr ? [process.StdoutLogfile] : [process.StdoutLogfile, process.StderrLogfile];
                foreach (var path in paths.Where(path => path is not ("" or "NONE") && !path.StartsWith("/dev/", StringComparison.Ordinal)))
                {
                    if (!writers.TryGetValue(path, out var beside))
                        writers[path] = beside = [];
                    if (beside.Find(other => (other.Compresses || process.LogfileCompress) && Meet(other.Name.Group, process.Name.Group)) is { } found)
                        first ??= (path, found.Name);
                    // One of a kind is enough for all that come.
                    if (!beside.Exists(other => other.Name.Group == process.Name.Group && other.Compresses == process.LogfileCompress))
                        beside.Add(new(process.Name, process.LogfileCompress));
                }
            }
            return first;
        }

        bool Meet(string one, string other) =>
            one == other || (hosts.TryGetValue(one, out var here) && hosts.TryGetValue(other, out var there) && here.Overlaps(there));
    }

    private sealed record Writer(ProgramName Name, bool Compresses);
}
