using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Ownership;

/// <summary>What a claim or an end of an epoch took, step by step.</summary>
/// <param name="begin">When it began.</param>
internal sealed class Timeline(BootInstant begin)
{
    private readonly List<Step> _steps = [];

    /// <summary>When it began.</summary>
    public BootInstant Begin => begin;

    /// <summary>The steps so far, in the order of their begin.</summary>
    public IReadOnlyList<Step> Steps => [.. _steps.OrderBy(s => s.Offset)];

    /// <summary>Runs a step and notes what it took.</summary>
    public void Take(string name, Action act)
    {
        var from = OwnershipLoop.Now;
        act();
        Add(name, from, "");
    }

    /// <summary>Notes a step that ends now, or that took what it says.</summary>
    public void Add(string name, BootInstant from, string error, TimeSpan? took = null) =>
        _steps.Add(new Step(name, from - begin, took ?? (OwnershipLoop.Now - from), error));
}
