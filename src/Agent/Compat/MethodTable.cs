using System.Collections.Frozen;
using HaGrpc.Agent.Compat.Wire;
using HaGrpc.Core.Compat;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>Every method by name, and those that tell of the others.</summary>
internal sealed class MethodTable
{
    private const string MultiCall = "system.multicall";
    private const int MostCalls = 1000;

    private readonly FrozenDictionary<string, Method> _methods;
    private readonly ILogger _logger;

    /// <param name="methods">All but system.*.</param>
    /// <param name="logger">The log.</param>
    public MethodTable(IEnumerable<Method> methods, ILogger logger)
    {
        _logger = logger;
        _methods = methods.Concat(
        [
            Method.Of("system.listMethods", ["array"], 0, "The names of all methods.",
                _ => (object[])[.. _methods!.Keys.Order(StringComparer.Ordinal)]),
            Method.Of("system.methodHelp", ["string", "string"], 1, "What a method does.", a => Known(a).Help),
            Method.Of("system.methodSignature", ["array", "string"], 1, "The types of a method's result and parameters.",
                a => (object[])Known(a).Signature),
            new(MultiCall, ["array", "array"], 1, "Makes several calls, one after the other.", ManyAsync),
        ]).ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);
    }

    /// <summary>Makes one call.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="by">The user who calls; empty when nobody knows.</param>
    /// <param name="ct">The client is gone.</param>
    /// <exception cref="FaultException">How it failed.</exception>
    public async Task<object> CallAsync(string method, object[] parameters, string by, CancellationToken ct)
    {
        if (!_methods.TryGetValue(method, out var known))
            throw new FaultException(FaultCode.UnknownMethod);
        try
        {
            return await known.RunAsync(parameters, by, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CompatLog.CallFailed(_logger, method, e);
            throw new FaultException(FaultCode.Failed, e.Message);
        }
    }

    private Method Known(Arguments arguments) =>
        _methods.TryGetValue(arguments.Text(0), out var method) ? method : throw new FaultException(FaultCode.SignatureUnsupported);

    private async Task<object> ManyAsync(Arguments arguments, CancellationToken ct)
    {
        var calls = arguments.Items(0);
        if (calls.Length > MostCalls)
            throw new FaultException(FaultCode.IncorrectParameters, $"{calls.Length} calls at once; at most {MostCalls}");
        var results = new List<object>();
        foreach (var call in calls)
        {
            try
            {
                if (call is not XmlRpcStruct members || members["methodName"] is not string method)
                    throw new FaultException(FaultCode.IncorrectParameters, "No methodName");
                if (method == MultiCall)
                    throw new FaultException(FaultCode.IncorrectParameters, "Recursive system.multicall forbidden");
                results.Add(await CallAsync(method, members["params"] as object[] ?? [], arguments.By, ct));
            }
            catch (FaultException e)
            {
                results.Add(XmlRpcWriter.StructOf(e.Fault));
            }
        }
        return results.ToArray();
    }
}
