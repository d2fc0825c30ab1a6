using Grpc.Core;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>Whether this process leads now, for everybody who needs to know.</summary>
internal sealed class LeaderSeat
{
    private volatile Tenure? _current;
    private volatile string _vacancy = "this control plane has just started";

    /// <summary>The leadership in force; null when this process does not lead.</summary>
    public Tenure? Current => _current is { Term.HasEnded: false } tenure ? tenure : null;

    /// <summary>Why this process does not lead.</summary>
    public string Vacancy => _current is { Term.HasEnded: true } tenure ? tenure.Term.EndReason : _vacancy;

    /// <summary>The leadership in force.</summary>
    /// <exception cref="RpcException">UNAVAILABLE, with the reason.</exception>
    public Tenure Demand() => Current
        ?? throw new RpcException(new Status(StatusCode.Unavailable, $"this control plane does not lead: {Vacancy}"));

    /// <summary>From now on this leadership is in force.</summary>
    public void Take(Tenure tenure) => _current = tenure;

    /// <summary>Nobody leads here.</summary>
    public void Leave(string reason)
    {
        _vacancy = reason;
        _current = null;
    }
}
