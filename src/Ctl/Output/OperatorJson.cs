using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record OperatorJson(
    string Name, string RecognisedBy, string Role, IReadOnlyList<string> Groups, string CreatedBy, string? CreatedAt, string? ExpiresAt, bool Disabled)
{
    internal static OperatorJson Of(OperatorAccount account) => new(
        account.Name,
        account.ByToken ? "token" : "certificate",
        RoleOf(account),
        [.. account.Groups],
        account.CreatedBy,
        Times.Machine(account.CreatedAt),
        Times.Machine(account.ExpiresAt),
        account.Disabled);

    internal static string RoleOf(OperatorAccount account) => RoleOf(account.Role);

    /// <summary>A role as operators write it.</summary>
    internal static string RoleOf(OperatorRole role) => Enum.IsDefined(role) ? role.ToString().ToLowerInvariant() : "unknown";
}

internal sealed record OperatorsJson(IReadOnlyList<OperatorJson> Operators);

internal sealed record AddedOperatorJson(OperatorJson Operator, string? Token);

internal sealed record CallerJson(string Name, string Kind, string Address, bool IsOpen, OperatorJson? Operator, string Detail);
