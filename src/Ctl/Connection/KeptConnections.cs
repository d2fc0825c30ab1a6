using System.Collections.Immutable;

namespace HaGrpc.Ctl.Connection;

/// <summary>Connections of an interactive shell: the first command opens one, and the next ones use it.</summary>
internal sealed class KeptConnections : IDisposable
{
    private readonly Dictionary<string, ControlPlane> _open = new(StringComparer.Ordinal);

    /// <summary>The connection to these endpoints.</summary>
    /// <exception cref="UsageException">An endpoint or its TLS files cannot be used.</exception>
    internal ControlPlane To(ImmutableArray<Endpoint> endpoints)
    {
        // Another token or certificate is another connection.
        var key = string.Join('\n', endpoints.Select(e => $"{e.Url}\t{e.Certificate}\t{e.Key}\t{e.Authority}\t{e.Token}"));
        return _open.TryGetValue(key, out var known) ? known : _open[key] = ControlPlane.To(endpoints);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _open.Values)
            connection.Dispose();
    }
}
