using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Lab.Cluster;

/// <summary>The person at the keyboard: acts through hactl, and looks through the API that hactl uses.</summary>
internal sealed class Operator : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AdminService.AdminServiceClient _admin;
    private readonly string _hactl;
    private readonly Dictionary<string, string> _environment;

    public Operator(string hactl, Uri endpoint)
    {
        _hactl = hactl;
        _environment = new() { ["HACTL_ENDPOINT"] = endpoint.ToString().TrimEnd('/') };
        _channel = GrpcChannel.ForAddress(endpoint);
        _admin = new(_channel);
    }

    /// <summary>Runs hactl as it is typed; fails with its message when its exit code is not 0.</summary>
    public async Task<string> Hactl(params string[] arguments)
    {
        var result = await Command.Try("", _environment, [_hactl, .. arguments]);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"hactl {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error}{result.Output}");
    }

    public async Task Apply(string file, string manifest)
    {
        await File.WriteAllTextAsync(file, manifest);
        await Hactl("apply", "-f", file);
    }

    public async Task<bool> Answers()
    {
        try
        {
            await _admin.ListHostsAsync(new(), deadline: Deadline());
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    public async Task<bool> IsLive(string host) =>
        (await _admin.ListHostsAsync(new(), deadline: Deadline())).Hosts.Any(h => h.Host.Name == host && h.State == HostState.Live);

    public async Task<GroupStatus> Group(string name) =>
        (await _admin.ListGroupsAsync(new() { Names = { name } }, deadline: Deadline())).Groups.Single();

    public async Task<IReadOnlyList<ProgramLine>> Programs(string group) =>
        (await _admin.ListProgramsAsync(new() { Selectors = { group } }, deadline: Deadline())).Programs;

    public async Task<IReadOnlyList<Event>> Events(long afterId) =>
        (await _admin.ListEventsAsync(new() { Filter = new() { AfterId = afterId }, Limit = 10000 }, deadline: Deadline())).Events;

    /// <summary>The number of the newest event; 0 when there is none.</summary>
    public async Task<long> LastEvent() =>
        (await _admin.ListEventsAsync(new() { Filter = new(), Limit = 1 }, deadline: Deadline())).Events.LastOrDefault()?.Id ?? 0;

    public void Dispose() => _channel.Dispose();

    /// <summary>Of one call; gRPC takes it as wall-clock time.</summary>
    private static DateTime Deadline() => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5);
}
