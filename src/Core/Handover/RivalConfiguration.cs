using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>Which addresses a rival is configured to claim, as far as it can be told.</summary>
/// <param name="Source">Where that is written: a file, or <c>its command line</c>.</param>
/// <param name="Addresses">The addresses, without prefix lengths, as <see cref="System.Net.IPAddress"/> writes them.</param>
/// <param name="Doubt">Why there may be more; empty when these are all.</param>
public sealed record RivalConfiguration(string Source, ImmutableArray<string> Addresses, string Doubt)
{
    /// <summary>The addresses of a group that it claims.</summary>
    /// <param name="group">The group.</param>
    public ImmutableArray<string> ClaimsOf(Group group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return [.. group.Vips.Select(v => KeepalivedText.AddressIn(v.Address)).OfType<string>().Where(a => Addresses.Contains(a))];
    }

    /// <summary>The file that keepalived was told to read; null when its arguments do not tell.</summary>
    /// <param name="arguments">Its arguments, its own name first.</param>
    public static string? FileOf(ImmutableArray<string> arguments)
    {
        var file = "/etc/keepalived/keepalived.conf";
        for (var i = 1; i < arguments.Length; i++)
        {
            var word = arguments[i];
            var next = i + 1 < arguments.Length ? arguments[i + 1] : "";
            if (word.StartsWith("--us", StringComparison.Ordinal))
                file = word.Contains('=', StringComparison.Ordinal) ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..] : next;
            else if (word.StartsWith("--", StringComparison.Ordinal) || !word.StartsWith('-') || !word.Contains('f', StringComparison.Ordinal))
                continue;
            else if (word.EndsWith('f'))
                file = next;
            else if (word[1] == 'f')
                file = word[2..];
            else
                return null;
        }
        // Relative to a directory that it has left.
        return file.StartsWith('/') ? file : null;
    }

    /// <summary>What a group's host is to be told of a rival.</summary>
    /// <param name="rival">What claims addresses.</param>
    /// <param name="group">The group, which is ours.</param>
    /// <returns>Whether it is in the way, and why or why not; empty when nothing is known.</returns>
    internal static (bool IsInTheWay, string Why) Judge(AddressRival rival, Group group)
    {
        if (rival.Configuration is not { } configuration)
            return (true, "");
        if (configuration.ClaimsOf(group) is { IsEmpty: false } claims)
            return (true, $" and is configured for {string.Join(", ", claims)} ({configuration.Source})");
        return configuration.Doubt.Length > 0
            ? (true, $"; what it claims cannot be told: {configuration.Doubt}")
            : (false, string.Create(CultureInfo.InvariantCulture, $"; {configuration.Source} names no address of {group.Name}"));
    }
}
