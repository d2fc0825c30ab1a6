using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Lab.Cluster;

/// <summary>The person at the keyboard: acts through hactl, and looks through the API that hactl uses.</summary>
internal sealed class Operator : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _hactl;
    private readonly Dictionary<string, string> _environment;
    private readonly Func<Task<AdminService.AdminServiceClient>> _admin;
    private readonly GrpcChannel? _channel;

    /// <summary>Of a cluster; of several control planes the one that leads is asked.</summary>
    public Operator(string hactl, ControlPlanes planes)
        : this(hactl, planes.Endpoints, async () => planes.All is [var only] ? only.Admin : (await planes.Leader()).Plane.Admin)
    {
    }

    /// <summary>Of a control plane that somebody else runs.</summary>
    public Operator(string hactl, Uri endpoint)
        : this(hactl, endpoint, GrpcChannel.ForAddress(endpoint))
    {
    }

    private Operator(string hactl, Uri endpoint, GrpcChannel channel)
        : this(hactl, endpoint.ToString().TrimEnd('/'), () => Task.FromResult(new AdminService.AdminServiceClient(channel))) =>
        _channel = channel;

    private Operator(string hactl, string endpoints, Func<Task<AdminService.AdminServiceClient>> admin)
    {
        _hactl = hactl;
        _environment = new() { ["HACTL_ENDPOINT"] = endpoints };
        _admin = admin;
    }

    /// <summary>Runs hactl as it is typed; fails with its message when its exit code is not 0.</summary>
    public async Task<string> Hactl(params string[] arguments)
    {
        var result = await Command.Try("", _environment, [_hactl, .. arguments]);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"hactl {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>As <see cref="Hactl"/>; whether its exit code is 0.</summary>
    public async Task<bool> TryHactl(params string[] arguments) => (await Ask(arguments)).ExitCode == 0;

    /// <summary>As <see cref="Hactl"/>, whatever its exit code.</summary>
    public Task<CommandResult> Ask(params string[] arguments) => Command.Try("", _environment, [_hactl, .. arguments]);

    public async Task Apply(string file, string manifest)
    {
        await File.WriteAllTextAsync(file, manifest);
        await Hactl("apply", "-f", file);
    }

    public async Task<bool> Answers()
    {
        try
        {
            await (await _admin()).ListHostsAsync(new(), deadline: Deadline.In(Patience));
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    public async Task<bool> IsLive(string host) =>
        (await (await _admin()).ListHostsAsync(new(), deadline: Deadline.In(Patience))).Hosts.Any(h => h.Host.Name == host && h.State == HostState.Live);

    public async Task<GroupStatus> Group(string name) =>
        (await (await _admin()).ListGroupsAsync(new() { Names = { name } }, deadline: Deadline.In(Patience))).Groups.Single();

    /// <summary>Whether there is such a group, also one that is ending.</summary>
    public async Task<bool> Knows(string group) =>
        (await (await _admin()).ListGroupsAsync(new(), deadline: Deadline.In(Patience))).Groups.Any(g => g.Group.Name == group);

    public async Task<IReadOnlyList<ProgramLine>> Programs(string group) =>
        (await (await _admin()).ListProgramsAsync(new() { Selectors = { group } }, deadline: Deadline.In(Patience))).Programs;

    public async Task<IReadOnlyList<Event>> Events(long afterId) =>
        (await (await _admin()).ListEventsAsync(new() { Filter = new() { AfterId = afterId }, Limit = 10000 }, deadline: Deadline.In(Patience))).Events;

    /// <summary>The number of the newest event; 0 when there is none.</summary>
    public async Task<long> LastEvent() =>
        (await (await _admin()).ListEventsAsync(new() { Filter = new(), Limit = 1 }, deadline: Deadline.In(Patience))).Events.LastOrDefault()?.Id ?? 0;

    public void Dispose() => _channel?.Dispose();
}
