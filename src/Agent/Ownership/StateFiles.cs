using System.Collections.Concurrent;
using System.Collections.Immutable;
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
/// thread of its own, so that a slow disk delays no renewal: to a temporary file, fsynced, renamed, directory fsynced.
/// </summary>
internal sealed class StateFiles : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    private readonly BlockingCollection<Write> _writes = new(new ConcurrentQueue<Write>());
    private readonly CancellationTokenSource _stop = new();
    private readonly string _directory;
    private readonly Guid _bootId;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    /// <summary>Opens the directory, creating what is missing.</summary>
    public StateFiles(string directory, Guid bootId, TimeProvider time, ILogger logger)
    {
        (_directory, _bootId, _time, _logger) = (directory, bootId, time, logger);
        Directory.CreateDirectory(GroupDirectory);
        _thread = new Thread(Run) { Name = "state", IsBackground = true };
        _thread.Start();
    }

    private string GroupDirectory => Path.Combine(_directory, "groups");

    private string ConfigurationPath => Path.Combine(_directory, "configuration.pb");

    /// <summary>Stores a group, then calls <paramref name="stored"/> from another thread.</summary>
    public void Save(DurableGroup group, Action stored)
    {
        var file = new StateFile(
            group.Group, group.Accepted, group.Ended, _bootId, group.View.Version, [.. group.View.Members], group.View.Length?.Ticks);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(file, StateJson.Default.StateFile);
        _writes.Add(new Write(Path.Combine(GroupDirectory, group.Group + ".json"), bytes, stored));
    }

    /// <summary>Stores the configuration.</summary>
    public void Save(HostConfiguration configuration) =>
        _writes.Add(new Write(ConfigurationPath, configuration.ToByteArray(), null));

    /// <summary>The last stored configuration, or null.</summary>
    public HostConfiguration? LoadConfiguration() => Load(ConfigurationPath, HostConfiguration.Parser.ParseFrom);

    /// <summary>Every stored group.</summary>
    /// <param name="sameBoot">False when every unended epoch was accepted in another boot: nothing of it can be alive.</param>
    public ImmutableArray<DurableGroup> LoadGroups(out bool sameBoot)
    {
        var files = Directory.GetFiles(GroupDirectory, "*.json")
            .Select(path => Load(path, bytes => JsonSerializer.Deserialize(bytes, StateJson.Default.StateFile)))
            .OfType<StateFile>().ToArray();
        // One flag for all groups: an unended epoch of another boot has no deadline in this one and ends the longer way.
        sameBoot = files.Any(f => f.BootId == _bootId && f.Accepted > f.Ended);
        return [.. files.Select(f => new DurableGroup(
            f.Group,
            f.Accepted,
            f.Ended,
            new Core.Ownership.View(
                f.ViewVersion, [.. f.ViewMembers], f.ViewLengthTicks is { } ticks ? new TimeSpan(ticks) : null)))];
    }

    /// <summary>Stops after what is queued.</summary>
    public void Dispose()
    {
        _writes.CompleteAdding();
        _stop.CancelAfter(TimeSpan.FromSeconds(1));
        _thread.Join();
        _stop.Dispose();
        _writes.Dispose();
    }

    private T? Load<T>(string path, Func<byte[], T?> read)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidProtocolBufferException)
        {
            OwnershipLog.StateNotRead(_logger, path, e.Message);
            return null;
        }
    }

    private void Run()
    {
        foreach (var write in _writes.GetConsumingEnumerable())
        {
            while (!TryWrite(write) && !_stop.IsCancellationRequested)
                Task.Delay(Retry, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    private bool TryWrite(Write write)
    {
        try
        {
            DurableFile.Replace(write.Path, write.Bytes);
            write.Stored?.Invoke();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OwnershipLog.StateNotWritten(_logger, write.Path, e.Message);
            return false;
        }
    }

    private sealed record Write(string Path, byte[] Bytes, Action? Stored);
}

/// <summary>A group's state file.</summary>
internal sealed record StateFile(
    string Group, long Accepted, long Ended, Guid BootId, long ViewVersion, string[] ViewMembers, long? ViewLengthTicks);

[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateJson : JsonSerializerContext;
