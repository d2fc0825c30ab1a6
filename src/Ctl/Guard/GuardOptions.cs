using System.CommandLine;

namespace HaGrpc.Ctl.Guard;

/// <summary>The options of a command that the control plane may want to have confirmed, or approved.</summary>
internal sealed class GuardOptions
{
    private readonly Option<string?> _yes = new("--yes")
    {
        Description = "confirms what it hits, instead of being asked: the name of the group, several with commas, of the host, or all",
        HelpName = "NAME",
    };

    private readonly Option<long?> _approval = new("--approval") { Description = "only when this request has been approved (hactl approvals)", HelpName = "ID" };

    private readonly Option<bool> _wait = new("--wait") { Description = "where a second operator has to approve, wait for that and go on" };

    /// <summary>Gives them to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_yes);
        command.Add(_approval);
        command.Add(_wait);
    }

    /// <summary>What was given.</summary>
    internal GuardChoice Of(ParseResult parsed) => new(parsed.GetValue(_yes), parsed.GetValue(_approval), parsed.GetValue(_wait));
}

/// <summary>How an operator answers what the guard demands.</summary>
/// <param name="Yes">The name that confirms; null to be asked.</param>
/// <param name="Approval">The request that has to be approved; null for whichever fits.</param>
/// <param name="Wait">True: waits for an approval.</param>
internal sealed record GuardChoice(string? Yes, long? Approval, bool Wait)
{
    /// <summary>True when the operator has seen and confirmed by the command itself what it hits.</summary>
    internal bool IsConfirmed { get; init; }
}
