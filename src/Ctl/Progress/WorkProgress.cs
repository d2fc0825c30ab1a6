using System.CommandLine;
using Grpc.Core;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Progress;

/// <summary>
/// Shows on standard error what is under way while a call is waited for: in place on a terminal, gone when the call is answered; elsewhere a line for each change, and
/// only of what takes longer than <see cref="Patience"/>. Standard output is what it would be without.
/// </summary>
internal static class WorkProgress
{
    // What is over at once needs no progress.
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>What is so now of what is under way.</summary>
    internal delegate Task<IReadOnlyList<ProgressLine>> Look(CommandRunner.Call call);

    internal static Option<bool> Option() => new("--no-progress", "--quiet", "-q") { Description = "do not show on standard error what is under way" };

    /// <summary>Carries something out, and shows meanwhile how it goes.</summary>
    internal static async Task<T> WhileAsync<T>(CommandRunner.Call call, Option<bool> none, Look look, Func<Task<T>> work)
    {
        if (call.Parsed.GetValue(none))
            return await work().ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        var begun = work();
        var showing = ShowAsync(call with { Cancellation = over.Token }, look);
        try
        {
            return await begun.ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Programs by selectors.</summary>
    internal static Look OfPrograms(string[] selectors) => call => ProgramsAsync(call, selectors);

    /// <summary>A group, and its programs.</summary>
    internal static Look OfGroup(string group) => async call =>
    [
        .. await GroupsAsync(call, [group]).ConfigureAwait(false), .. await ProgramsAsync(call, [group]).ConfigureAwait(false),
    ];

    /// <summary>What a host owned when it was first looked at.</summary>
    internal static Look OfHost(string host)
    {
        string[]? owned = null;
        return async call =>
        {
            owned ??= [.. (await call.ControlPlane.Admin.ListGroupsAsync(new(), call.Short).ConfigureAwait(false)).Groups
                .Where(g => g.Owner == host).Select(g => g.Group.Name).Order(StringComparer.Ordinal)];
            return owned.Length == 0 ? []
                : [.. await GroupsAsync(call, owned).ConfigureAwait(false), .. await ProgramsAsync(call, owned).ConfigureAwait(false)];
        };
    }

    private static async Task<IEnumerable<ProgressLine>> GroupsAsync(CommandRunner.Call call, string[] names) =>
        (await call.ControlPlane.Admin.ListGroupsAsync(new() { Names = { names } }, call.Short).ConfigureAwait(false)).Groups
            .Select(g => new ProgressLine(g.Group.Name, g.Phase, g.Owner));

    private static async Task<IReadOnlyList<ProgressLine>> ProgramsAsync(CommandRunner.Call call, string[] selectors)
    {
        var lines = (await call.ControlPlane.Admin.ListProgramsAsync(new() { Selectors = { selectors } }, call.Short).ConfigureAwait(false)).Programs;
        var several = lines.GroupBy(StatusLines.Name, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. lines.OrderBy(line => line.Program.Priority).ThenBy(StatusLines.Name, StringComparer.Ordinal).Select(line => new ProgressLine(
                several.Contains(StatusLines.Name(line)) ? Speech.Of($"{StatusLines.Name(line)} on {line.Host}") : StatusLines.Name(line),
                StatusLines.StateName(line),
                several.Contains(StatusLines.Name(line)) ? "" : line.Host)),
        ];
    }

    private static async Task ShowAsync(CommandRunner.Call call, Look look)
    {
        var (time, output) = (call.Surroundings.Time, call.Surroundings.Error);
        var start = time.GetTimestamp();
        var board = new ProgressBoard(TimeSpan.Zero);
        var drawn = 0;
        try
        {
            await Task.Delay(call.Surroundings.IsErrorDrawn ? First : Patience, time, call.Cancellation).ConfigureAwait(false);
            while (true)
            {
                var now = await look(call).ConfigureAwait(false);
                var changed = board.Take(now, time.GetElapsedTime(start));
                if (call.Surroundings.IsErrorDrawn)
                {
                    var (columns, rows) = call.Surroundings.Size();
                    drawn = Draw(output, board.Rows(time.GetElapsedTime(start), Math.Max(2, rows - 2), columns, call.ErrorInk), drawn);
                }
                else
                {
                    foreach (var line in changed)
                        output.WriteLine($"hactl: {ProgressBoard.Plain(line, time.GetElapsedTime(start))}");
                }
                await Task.Delay(Pause, time, call.Cancellation).ConfigureAwait(false);
            }
        }
        catch (RpcException)
        {
            // Whoever waits for the work is told; how it goes cannot be seen any more.
        }
        finally
        {
            if (drawn > 0)
                output.Write($"\x1b[{drawn}A\r\x1b[J");
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static int Draw(TextWriter output, IReadOnlyList<string> rows, int before)
    {
        if (before > 0)
            output.Write($"\x1b[{before}A");
        foreach (var row in rows)
            output.Write($"\r{row}\x1b[K\n");
        output.Write("\x1b[J");
        output.Flush();
        return rows.Count;
    }
}
