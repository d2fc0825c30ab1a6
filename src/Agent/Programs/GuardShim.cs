using System.Collections.Immutable;
using System.ComponentModel;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>The guards of rule W4: one shim per owned group that shuts gate and addresses at the group's deadline even when
/// the agent is dead or stopped. To be called from one thread at a time, in the network namespace of the VIPs.</summary>
/// <param name="options">This host's paths.</param>
internal sealed class GuardShim(ProgramHostOptions options)
{
    private readonly List<PidFd> _children = [];
    private readonly Dictionary<string, Standing> _standing = new(StringComparer.Ordinal);

    /// <summary>Makes sure that the group has a guard for exactly these VIPs, as <see cref="Start"/>, but leaves one alone that
    /// is known and alive: cheap enough for every renewal. One that has ended without ever having listened is a failure; it is
    /// started again all the same, and the next call tells.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="vips">What it shuts.</param>
    /// <returns>True when a guard for the same VIPs had stood, had ended and was started again.</returns>
    /// <exception cref="Win32Exception">The shim could not be started.</exception>
    /// <exception cref="IOException">Its directory could not be written, or the last one ended right after its start.</exception>
    /// <exception cref="UnauthorizedAccessException">Its directory may not be written.</exception>
    public bool Keep(string group, ImmutableArray<Vip> vips)
    {
        var wasKnown = _standing.TryGetValue(group, out var known) && known.Vips.SequenceEqual(vips);
        if (wasKnown && known.Process.IsAlive)
        {
            if (!known.HasStood)
                _standing[group] = known with { HasStood = Listens(group) };
            return false;
        }
        Start(group, vips);
        return wasKnown && !known.HasStood
            ? throw new IOException($"it ended right after its start; {DirectoryOf(group).LogPath} may say why")
            : wasKnown;
    }

    /// <summary>
    /// Starts the guard of a group. One that runs already, also from an earlier agent, stays when the VIPs are the same and
    /// reads the deadline again; else it is replaced. The group's deadline file must exist. Does not wait until the new guard
    /// is ready, which takes some milliseconds; a deadline that passes in between is kept all the same.
    /// </summary>
    /// <param name="group">The group's name.</param>
    /// <param name="vips">What it shuts.</param>
    /// <exception cref="Win32Exception">The shim could not be started.</exception>
    /// <exception cref="IOException">Its directory could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Its directory may not be written.</exception>
    public void Start(string group, ImmutableArray<Vip> vips)
    {
        Reap();
        var directory = DirectoryOf(group);
        var wanted = string.Join(',', vips.Select(Text));
        using (var running = ShimConnection.TryConnect(directory))
        {
            using var process = running is null ? null : PidFd.TryOpen(running.PeerPid);
            // One that is being killed still listens until its last thread is gone.
            if (running is not null && process is not null && process.Process.IsAlive
                && directory.ReadSpec()?["identity"] == wanted && running.Send(ShimRequest.DeadlineChanged))
            {
                _standing[group] = new Standing(vips, process.Process, HasStood: true);
                return;
            }
        }
        Stop(group);
        var spec = new ShimSpec()
            .Add("boot", options.BootId.ToString())
            .Add("instance", Guid.NewGuid().ToString("N"))
            .Add("identity", wanted)
            .Add("deadline", options.DeadlinePath(group));
        foreach (var vip in vips)
            spec.Add("vip", Text(vip));
        directory.Prepare(spec);
        using var connection = ShimConnection.Pair(out var inherited);
        try
        {
            var pid = ShimSpawn.Start(options.ShimPath, "guard", directory, inherited);
            if (PidFd.TryOpen(pid) is { } child)
            {
                _children.Add(child);
                _standing[group] = new Standing(vips, child.Process, HasStood: false);
            }
        }
        finally
        {
            _ = Libc.close(inherited);
        }
    }

    /// <summary>Ends the guard of a group, also one that an earlier agent left; nothing happens when there is none. What it had
    /// shut stays shut, what is open stays open.</summary>
    /// <param name="group">The group's name.</param>
    public void Stop(string group)
    {
        Reap();
        _ = _standing.Remove(group, out var known);
        using var running = ShimConnection.TryConnect(DirectoryOf(group));
        _ = running?.Send(ShimRequest.Quit);
        // A guard that is stopped (SIGSTOP) would not hear: it holds nothing that a SIGKILL could lose. One that was started a moment ago
        // does not listen yet, and would come to stand when nobody wants it any more.
        using var listening = running is null ? null : PidFd.TryOpen(running.PeerPid);
        using var starting = PidFd.TryOpen(known.Process);
        listening?.Signal(Libc.SIGKILL);
        starting?.Signal(Libc.SIGKILL);
    }

    /// <summary>True while the group has a guard.</summary>
    /// <param name="group">The group's name.</param>
    public bool IsRunning(string group)
    {
        Reap();
        return Listens(group);
    }

    private bool Listens(string group)
    {
        using var running = ShimConnection.TryConnect(DirectoryOf(group));
        return running is not null;
    }

    private static string Text(Vip vip) => $"{vip.Address} {vip.Interface}";

    private ShimDirectory DirectoryOf(string group) =>
        new(Path.Combine(options.RunDirectory, "groups", group, "guard"));

    private void Reap()
    {
        foreach (var child in _children)
        {
            child.Reap();
            if (!child.Process.IsAlive)
                child.Dispose();
        }
        _children.RemoveAll(child => child.Descriptor < 0);
    }

    private readonly record struct Standing(ImmutableArray<Vip> Vips, ProcessIdentity Process, bool HasStood);
}
