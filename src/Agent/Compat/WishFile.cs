using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using HaGrpc.Agent.Platform;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Model;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>The file <c>wishes.json</c> in the state directory: what was asked while the control plane was out of reach.</summary>
/// <param name="directory">The state directory.</param>
internal sealed class WishFile(string directory)
{
    private string Path => System.IO.Path.Combine(directory, "wishes.json");

    /// <summary>Reads it; what cannot be read is said and forgotten, for an agent has to start.</summary>
    public ImmutableDictionary<ProgramName, LocalWish> LoadOrSay(ILogger logger)
    {
        try
        {
            return Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CompatLog.WishesLost(logger, e.Message);
            return ImmutableDictionary<ProgramName, LocalWish>.Empty;
        }
    }

    /// <summary>Reads it; a missing file is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read, or is no such file.</exception>
    public ImmutableDictionary<ProgramName, LocalWish> Load()
    {
        if (!File.Exists(Path))
            return ImmutableDictionary<ProgramName, LocalWish>.Empty;
        try
        {
            var kept = JsonSerializer.Deserialize(File.ReadAllBytes(Path), WishJson.Default.KeptWishArray) ?? [];
            return kept.Select(w => w.ToModel()).ToImmutableDictionary(w => w.Program);
        }
        catch (JsonException e)
        {
            throw new IOException($"{Path} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Replaces it, on disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Save(ImmutableDictionary<ProgramName, LocalWish> wishes)
    {
        KeptWish[] kept = [.. wishes.Values.Select(
            w => new KeptWish(w.Program.Group, w.Program.Name, w.DesiredState == DesiredState.Stopped, w.Epoch, w.By, w.At))];
        DurableFile.Replace(Path, JsonSerializer.SerializeToUtf8Bytes(kept, WishJson.Default.KeptWishArray));
    }
}

/// <summary>A wish on file.</summary>
internal sealed record KeptWish(string Group, string Name, bool Stopped, long Epoch, string? By = null, DateTimeOffset? At = null)
{
    /// <summary>The wish; one that an older agent has kept does not say who made it.</summary>
    public LocalWish ToModel() => new(new(Group, Name), Stopped ? DesiredState.Stopped : DesiredState.Running, Epoch)
    {
        By = By ?? "",
        At = At,
    };
}

[JsonSerializable(typeof(KeptWish[]))]
internal sealed partial class WishJson : JsonSerializerContext;
