using System.Globalization;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Requests for approval, for people.</summary>
internal static class ApprovalLines
{
    /// <summary>One in a sentence.</summary>
    internal static string Describe(Approval approval)
    {
        var id = approval.Id.ToString(CultureInfo.InvariantCulture);
        var reason = approval.DecidedReason.Length > 0 ? $": {approval.DecidedReason}" : "";
        return approval.State switch
        {
            ApprovalState.Waiting => Speech.Of($"approval {id} waits for a second operator: hactl approve {id}"),
            ApprovalState.Approved => Speech.Of($"approval {id} was given by {approval.DecidedBy}{reason}"),
            ApprovalState.Denied => Speech.Of($"approval {id} was denied by {approval.DecidedBy}{reason}"),
            ApprovalState.Used => Speech.Of($"approval {id} has been used already"),
            ApprovalState.Expired => Speech.Of($"approval {id} has expired"),
            _ => Speech.Of($"approval {id} is in a state that only a newer hactl knows"),
        };
    }

    /// <summary>A state as people and machines read it.</summary>
    internal static string Word(ApprovalState state) => Enum.IsDefined(state) ? state.ToString().ToLowerInvariant() : "unknown";
}
