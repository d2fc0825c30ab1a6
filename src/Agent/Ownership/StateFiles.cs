using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using HaGrpc.Agent.Platform;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// What survives a boot: one file per group (accepted and ended epochs, view), and the last configuration. Written by a
/// thread of its own, so that a slow disk delays no renewal: to a temporary file, fsynced, renamed, directory fsynced. A disk
/// that fails is tried again for as long as it takes; until then nothing that waits for it is claimed to be stored, so that no
/// promotion is accepted and no epoch is reported as ended (rules C7 and W7). Of each file only the newest contents wait: there
/// are never more writes than groups, and one for the configuration.
/// </summary>
internal sealed class StateFiles : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Queue<string> _order = new();
    private readonly Dictionary<string, Write> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private readonly string _directory;
    private readonly Guid _bootId;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _stopping;
    private bool _giveUp;

    /// <summary>Opens the directory, creating what is missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public StateFiles(string directory, Guid bootId, ILogger logger)
    {
        (_directory, _bootId, _logger) = (directory, bootId, logger);
        Directory.CreateDirectory(GroupDirectory);
        _thread = new Thread(Run) { Name = "state", IsBackground = true };
        _thread.Start();
    }

    private string GroupDirectory => Path.Combine(_directory, "groups");

    private string ConfigurationPath => Path.Combine(_directory, "configuration.pb");

    /// <summary>Stores a group, then calls <paramref name="stored"/> from another thread. Contents that are still waiting when newer
    /// ones come are never written, and nobody is called for them: a group's epochs and view versions only rise, so that
    /// what holds for the newer holds for the older.</summary>
    /// <param name="group">The group.</param>
    /// <param name="stored">What follows.</param>
    /// <param name="before">What has to be done before, from another thread; as long as it throws what writing throws, or Win32Exception, it is
    /// tried again, and nothing is stored.</param>
    public void Save(DurableGroup group, Action stored, Action? before = null)
    {
        var file = new StateFile(
            group.Group, group.Accepted, group.Ended, _bootId, group.View.Version, [.. group.View.Members], group.View.Length?.Ticks,
            group.Sealed, group.Promised.Ticks);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(file, StateJson.Default.StateFile);
        Add(Path.Combine(GroupDirectory, group.Group + ".json"), new Write(bytes, stored, before));
    }

    /// <summary>Stores the configuration.</summary>
    public void Save(HostConfiguration configuration) => Add(ConfigurationPath, new Write(configuration.ToByteArray(), null));

    /// <summary>The last stored configuration, or null.</summary>
    public HostConfiguration? LoadConfiguration() =>
        Load(ConfigurationPath, HostConfiguration.Parser.ParseFrom, "this host waits for the control plane's");

    /// <summary>Every stored group. A damaged file is put aside, and its group is one that this host does not own: what runs of it
    /// is ended, and the control plane promotes it under a new epoch.</summary>
    /// <param name="sameBoot">False when every unended epoch was accepted in another boot: nothing of it can be alive.</param>
    public ImmutableArray<DurableGroup> LoadGroups(out bool sameBoot)
    {
        var files = Directory.GetFiles(GroupDirectory, "*.json").Order(StringComparer.Ordinal)
            .Select(path => Load(path, bytes => ReadGroup(path, bytes), "this host does not own the group any more"))
            .OfType<StateFile>().ToArray();
        // One flag for all groups: an unended epoch of another boot has no deadline in this one and ends the longer way.
        sameBoot = files.Any(f => f.BootId == _bootId && f.Accepted > f.Ended);
        return [.. files.Select(f => new DurableGroup(
            f.Group,
            f.Accepted,
            f.Ended,
            new Core.Ownership.View(
                f.ViewVersion, [.. f.ViewMembers], f.ViewLengthTicks is { } ticks ? new TimeSpan(ticks) : null),
            f.Sealed,
            new TimeSpan(f.PromisedTicks)))];
    }

    /// <summary>Stops after what is waiting, or after a second.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        if (_thread.Join(LastChance))
            return;
        lock (_gate)
        {
            _giveUp = true;
            Monitor.PulseAll(_gate);
        }
        // Not joined again: a write that hangs in the kernel must not keep the agent from ending.
    }

    private static StateFile ReadGroup(string path, byte[] bytes)
    {
        var file = JsonSerializer.Deserialize(bytes, StateJson.Default.StateFile)
            ?? throw new InvalidDataException("it is empty");
        if (file.Group + ".json" != Path.GetFileName(path))
            throw new InvalidDataException($"it is about the group '{file.Group}'");
        if (file.Accepted < 0 || file.Ended < 0 || file.Ended > file.Accepted || file.ViewVersion < 0 || file.ViewMembers is null
            || file.Sealed < 0 || file.PromisedTicks < 0)
            throw new InvalidDataException("its numbers contradict each other");
        return file;
    }

    private void Add(string path, Write write)
    {
        lock (_gate)
        {
            if (!_pending.ContainsKey(path))
                _order.Enqueue(path);
            _pending[path] = write;
            Monitor.PulseAll(_gate);
        }
    }

    private T? Load<T>(string path, Func<byte[], T?> read, string consequence)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or InvalidProtocolBufferException)
        {
            OwnershipLog.StateNotRead(_logger, path, e.Message, consequence);
            PutAside(path);
            return null;
        }
    }

    private void PutAside(string path)
    {
        try
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OwnershipLog.StateNotWritten(_logger, path + ".damaged", e.Message);
        }
    }

    private void Run()
    {
        while (Take(out var path) is { } write)
        {
            if (TryWrite(path, write))
                continue;
            lock (_gate)
            {
                if (_pending.TryAdd(path, write))
                    _order.Enqueue(path);
                if (!_giveUp)
                    Monitor.Wait(_gate, Retry);
            }
        }
    }

    private Write? Take(out string path)
    {
        lock (_gate)
        {
            while (_order.Count == 0 && !_stopping)
                Monitor.Wait(_gate);
            path = "";
            if (_giveUp || !_order.TryDequeue(out path!))
                return null;
            _ = _pending.Remove(path, out var write);
            return write;
        }
    }

    private bool TryWrite(string path, Write write)
    {
        try
        {
            write.Before?.Invoke();
            DurableFile.Replace(path, write.Bytes);
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            // Once, not with every attempt.
            if (_said.GetValueOrDefault(path) != e.Message)
                OwnershipLog.StateNotWritten(_logger, path, e.Message);
            _said[path] = e.Message;
            return false;
        }
        if (_said.Remove(path))
            OwnershipLog.StateWrittenAgain(_logger, path);
        write.Stored?.Invoke();
        return true;
    }

    private sealed record Write(byte[] Bytes, Action? Stored, Action? Before = null);
}

/// <summary>A group's state file; earlier agents wrote no seals and gave no promises.</summary>
internal sealed record StateFile(
    string Group,
    long Accepted,
    long Ended,
    Guid BootId,
    long ViewVersion,
    string[] ViewMembers,
    long? ViewLengthTicks,
    long Sealed = 0,
    long PromisedTicks = 0);

[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateJson : JsonSerializerContext;
