using HaGrpc.Ctl.Contexts;

namespace HaGrpc.Ctl.Output;

internal sealed record ContextJson(string Name, bool Current, IReadOnlyList<string> Endpoints, string? TlsCa, string? TlsCert, bool HasToken);

internal sealed record ContextsJson(IReadOnlyList<ContextJson> Contexts)
{
    internal static ContextsJson Of(ContextList contexts) => new([.. contexts.All.Select(c => new ContextJson(
        c.Name, c.Name == contexts.Current, c.Endpoints, c.TlsCa, c.TlsCert, c.Token is not null))]);
}
