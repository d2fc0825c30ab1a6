using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Output;

/// <summary>What becomes of something that is registered, for people: what is done, or would be.</summary>
internal static class ChangeWords
{
    /// <summary>One line.</summary>
    /// <param name="name">For example <c>group/web</c>.</param>
    /// <param name="change">As JSON has it: created, updated, removed or unchanged.</param>
    /// <param name="isPreview">True when nothing is stored.</param>
    /// <param name="consequence">What follows from it for what runs; empty for nothing.</param>
    internal static string Line(string name, string change, bool isPreview, string consequence) => (change, isPreview) switch
    {
        ("created", true) => Speech.Of($"{name}: would be created{consequence}"),
        ("created", false) => Speech.Of($"{name}: created{consequence}"),
        ("updated", true) => Speech.Of($"{name}: would be updated{consequence}"),
        ("updated", false) => Speech.Of($"{name}: updated{consequence}"),
        ("removed", true) => Speech.Of($"{name}: would be removed{consequence}"),
        ("removed", false) => Speech.Of($"{name}: removed{consequence}"),
        ("unchanged", _) => Speech.Of($"{name}: unchanged{consequence}"),
        _ => $"{name}: {change}{consequence}",
    };

    /// <summary>A restart, behind something else; empty when nothing is restarted.</summary>
    internal static string Restart(IReadOnlyCollection<string> fields, string hosts, bool isPreview)
    {
        var why = string.Join(", ", fields);
        return (fields.Count, hosts.Length, isPreview) switch
        {
            (0, _, _) => "",
            (_, 0, true) => Speech.Of($", would be restarted for {why}"),
            (_, 0, false) => Speech.Of($", is restarted for {why}"),
            (_, _, true) => Speech.Of($", would be restarted on {hosts} for {why}"),
            (_, _, false) => Speech.Of($", is restarted on {hosts} for {why}"),
        };
    }

    /// <summary>An end for good, behind something else.</summary>
    internal static string Stop(string hosts, bool isPreview) => isPreview ? Speech.Of($", would be stopped on {hosts}") : Speech.Of($", is stopped on {hosts}");
}
