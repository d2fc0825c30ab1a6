using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// The file <c>condition</c> in a program's directory: what an agent that starts later could not learn from a shim, because no
/// process is left. A program that had exited, or had failed too often, is not started again by a mere restart of the agent.
/// </summary>
/// <param name="Condition">EXITED, FATAL or BACKOFF, or STOPPED.</param>
/// <param name="Epoch">The epoch under which it ended so; under another one it starts afresh.</param>
/// <param name="Generation">Restart generation of the instance.</param>
/// <param name="Since">Wall-clock time of the change.</param>
internal sealed record KeptCondition(ProgramCondition Condition, long Epoch, long Generation, DateTimeOffset Since)
{
    private const string Name = "condition";

    /// <summary>Puts it on file for the next agent. Without it that one starts the program once more: what cannot be written is told, and no reason
    /// to give up the programs that run.</summary>
    public void Write(HostContext host, ProgramName program)
    {
        try
        {
            Write(host.DirectoryOf(program));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ProgramLog.ConditionNotKept(host.Logger, program, failure.Message);
        }
    }

    /// <summary>Puts it on file.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(ShimDirectory directory) => directory.Write(Name, new ShimSpec()
        .Add("state", (int)Condition.State)
        .Add("failed", Condition.FailedStarts)
        .Add("crashes", Condition.Crashes)
        .Add("status", Condition.ExitStatus)
        .Add("detail", Condition.Detail)
        .Add("epoch", Epoch)
        .Add("generation", Generation)
        .Add("since", Since.ToString("O", CultureInfo.InvariantCulture))
        .Encode());

    /// <summary>Removes the file: a new instance is about to start.</summary>
    public static void Remove(ShimDirectory directory)
    {
        // File.Delete forgives a missing file, not a missing directory: a program's first start has none yet.
        if (File.Exists(directory.File(Name)))
            File.Delete(directory.File(Name));
    }

    /// <summary>Reads it; null when there is none.</summary>
    public static KeptCondition? Read(ShimDirectory directory)
    {
        if (directory.Read(Name) is not { } bytes || ShimSpec.Decode(bytes) is not { } kept)
            return null;
        var condition = ProgramCondition.Initial with
        {
            State = (ProgramState)kept.Number("state"),
            Intent = Intent.Run,
            FailedStarts = (int)kept.Number("failed"),
            Crashes = (int)kept.Number("crashes"),
            ExitStatus = (int)kept.Number("status"),
            Detail = kept["detail"] ?? "",
        };
        _ = DateTimeOffset.TryParse(kept["since"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var since);
        return condition.State is ProgramState.Exited or ProgramState.Fatal or ProgramState.Backoff or ProgramState.Stopped
            ? new KeptCondition(condition, kept.Number("epoch"), kept.Number("generation"), since)
            : null;
    }
}
