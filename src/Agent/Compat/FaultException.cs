using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>Ends a call by a fault.</summary>
/// <param name="fault">The fault.</param>
internal sealed class FaultException(SupervisorFault fault) : Exception(fault.Text)
{
    /// <summary>By code and detail.</summary>
    public FaultException(FaultCode code, string detail = "")
        : this(new SupervisorFault(code, detail))
    {
    }

    /// <summary>The fault.</summary>
    public SupervisorFault Fault { get; } = fault;
}
