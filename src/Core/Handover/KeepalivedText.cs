using System.Collections.Immutable;
using System.Net;

namespace HaGrpc.Core.Handover;

/// <summary>
/// What one file of keepalived's configuration says of addresses. Only blocks that put an address on an interface count: a peer, a real server or the
/// argument of a script is none that it would claim.
/// </summary>
/// <param name="Addresses">The addresses, without prefix lengths.</param>
/// <param name="Includes">What it includes, as written: paths with wildcards.</param>
/// <param name="HasVariables">True when a block of addresses has variables or sequences in it, which are not resolved here.</param>
public sealed record KeepalivedText(ImmutableArray<string> Addresses, ImmutableArray<string> Includes, bool HasVariables)
{
    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The text.</param>
    public static KeepalivedText Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var addresses = ImmutableArray.CreateBuilder<string>();
        var includes = ImmutableArray.CreateBuilder<string>();
        var (isClaim, depth, hasVariables) = (false, 0, false);
        foreach (var line in text.Split('\n'))
        {
            var said = line.AsSpan();
            if (said.IndexOfAny('#', '!') is >= 0 and var comment)
                said = said[..comment];
            var words = said.ToString().Replace("{", " { ", StringComparison.Ordinal).Replace("}", " } ", StringComparison.Ordinal)
                .Split([' ', '\t', '\r', '"'], StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < words.Length; i++)
            {
                var word = words[i];
                if (word.StartsWith("include", StringComparison.Ordinal) && i + 1 < words.Length && words[i + 1] is not ("{" or "}"))
                    includes.Add(words[++i]);
                else if (word.StartsWith("virtual_ipaddress", StringComparison.Ordinal) || word == "static_ipaddress")
                    (isClaim, depth) = (true, 0);
                else if (isClaim && word == "{")
                    depth++;
                else if (isClaim && word == "}")
                    isClaim = --depth > 0;
                else if (isClaim && word.AsSpan().ContainsAny('$', '~'))
                    hasVariables = true;
                else if (isClaim && AddressIn(word) is { } address)
                    addresses.Add(address);
            }
        }
        return new(addresses.ToImmutable(), includes.ToImmutable(), hasVariables);
    }

    /// <summary>The address that a word begins with, before a prefix length, in one spelling for all; null when it is none.</summary>
    /// <param name="word">For example <c>10.0.0.9/24</c>.</param>
    public static string? AddressIn(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var bare = word.Split('/')[0];
        return bare.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(bare, out var address) ? address.ToString() : null;
    }
}
