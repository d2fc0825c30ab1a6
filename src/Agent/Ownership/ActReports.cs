using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Ownership;

/// <summary>What is said of an owner's acts: events for the history, and each trouble once rather than with every renewal.</summary>
internal sealed class ActReports(Outbox outbox, ILogger logger)
{
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>The log.</summary>
    public ILogger Logger => logger;

    /// <summary>Records an event in the log and in the history.</summary>
    public void Record(string kind, string group, long epoch, string message, IReadOnlyList<Step>? steps = null)
    {
        OwnershipLog.Happened(logger, kind, group, epoch, message);
        outbox.PostEvent(kind, group, epoch, message, steps);
    }

    /// <summary>Logs what failed and what deserves an eye, when it is not what was logged last.</summary>
    public void Say(string what, NetworkOutcome outcome)
    {
        foreach (var warning in outcome.Warnings)
        {
            if (IsNew(what + " warning", warning))
                OwnershipLog.NetworkWarning(logger, what, warning);
        }
        if (IsNew(what, outcome.ToString()) && !outcome.Succeeded)
            OwnershipLog.NetworkFailed(logger, what, outcome.ToString());
    }

    /// <summary>True when the last text about the same thing was another; the empty text means that all is well.</summary>
    public bool IsNew(string what, string text)
    {
        if (_said.GetValueOrDefault(what, "") == text)
            return false;
        _said[what] = text;
        return true;
    }
}
