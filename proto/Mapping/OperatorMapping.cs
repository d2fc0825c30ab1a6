using Google.Protobuf.WellKnownTypes;
using Model = HaGrpc.Core.Access;

namespace HaGrpc.Contracts;

/// <summary>Operators' accounts on the wire and in the model.</summary>
public static class OperatorMapping
{
    /// <summary>The message of an account; who made it and when is left to the caller.</summary>
    public static V1.OperatorAccount ToProto(this Model.OperatorAccount account)
    {
        var proto = new V1.OperatorAccount
        {
            Name = account.Name,
            ByToken = account.Kind == Model.AccountKind.Token,
            Role = account.Role switch
            {
                Model.OperatorRole.Viewer => V1.OperatorRole.Viewer,
                Model.OperatorRole.Operator => V1.OperatorRole.Operator,
                Model.OperatorRole.Admin => V1.OperatorRole.Admin,
                _ => V1.OperatorRole.Unspecified,
            },
            ExpiresAt = account.ExpiresAt?.ToTimestamp(),
            Disabled = account.IsDisabled,
        };
        proto.Groups.AddRange(account.Groups);
        return proto;
    }

    /// <summary>The role of a message; <see cref="Model.OperatorRole.None"/> for none that is known.</summary>
    public static Model.OperatorRole ToModel(this V1.OperatorRole role) => role switch
    {
        V1.OperatorRole.Viewer => Model.OperatorRole.Viewer,
        V1.OperatorRole.Operator => Model.OperatorRole.Operator,
        V1.OperatorRole.Admin => Model.OperatorRole.Admin,
        _ => Model.OperatorRole.None,
    };
}
