using System.Globalization;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl.Import;

/// <summary>A host as the command line names it: <c>NAME</c> or <c>NAME=PRIORITY</c>.</summary>
/// <param name="Host">What its agent calls itself.</param>
/// <param name="Priority">1 to 255; null when nothing was said.</param>
internal sealed record ImportedMember(string Host, int? Priority)
{
    /// <summary>Reads the value of <c>--host</c> or <c>--peer</c>.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    internal static ImportedMember Parse(string option, string text)
    {
        var parts = text.Split('=');
        if (parts.Length == 1 && text.Length > 0)
            return new(text, null);
        if (parts.Length == 2 && parts[0].Length > 0 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            && priority is >= 1 and <= 255)
        {
            return new(parts[0], priority);
        }
        throw new UsageException($"{option} {text}: must be NAME or NAME=PRIORITY, the priority from 1 to 255");
    }
}
