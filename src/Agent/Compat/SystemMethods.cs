using HaGrpc.Agent.Compat.Wire;
using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>What is said of the server itself, and what it does not do.</summary>
/// <param name="host">This host's name.</param>
/// <param name="version">The agent's version.</param>
internal sealed class SystemMethods(string host, string version)
{
    // Clients refuse anything but this (supervisorctl exits with 5).
    private const string ApiVersion = "3.0";
    private const string NotHere = "this is ha-agent, which owns groups of a cluster:";

    /// <summary>The methods.</summary>
    public IEnumerable<Method> All =>
    [
        Method.Of("supervisor.getAPIVersion", ["string"], 0, "The version of this contract.", _ => ApiVersion),
        Method.Of("supervisor.getVersion", ["string"], 0, "The version of this contract.", _ => ApiVersion),
        Method.Of("supervisor.getSupervisorVersion", ["string"], 0, "The version of the agent.", _ => $"ha-agent {version}"),
        Method.Of("supervisor.getIdentification", ["string"], 0, "The host's name at the control plane.", _ => host),
        Method.Of("supervisor.getPID", ["int"], 0, "The agent's process id.", _ => Environment.ProcessId),
        Method.Of("supervisor.getState", ["struct"], 0, "Always RUNNING.",
            _ => new XmlRpcStruct { { "statecode", 1 }, { "statename", "RUNNING" } }),
        Method.Of("supervisor.shutdown", ["boolean"], 0, "Always a fault.", _ => throw new FaultException(
            FaultCode.Failed, $"{NotHere} to stop it and hand them over, use systemctl stop ha-agent; to stop programs, supervisorctl stop all")),
        Method.Of("supervisor.restart", ["boolean"], 0, "Always a fault.", _ => throw new FaultException(
            FaultCode.Failed, $"{NotHere} its configuration is always in force; to restart programs, use supervisorctl restart all")),
    ];
}
