using HaGrpc.Core.Model.Validation;

namespace HaGrpc.Core.Identity;

/// <summary>Which names a certificate may be for.</summary>
public static class HostNames
{
    /// <summary>Why a text is no host's name; null when it is one.</summary>
    public static string? Problem(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return NameRules.Problem(host, "host");
    }
}
