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

    internal static string RoleOf(OperatorAccount account) => account.Role.ToString().ToLowerInvariant();
}

internal sealed record OperatorsJson(IReadOnlyList<OperatorJson> Operators);

internal sealed record AddedOperatorJson(OperatorJson Operator, string? Token);

internal sealed record CallerJson(string Name, string Kind, string Address, bool IsOpen, OperatorJson? Operator, string Detail);
