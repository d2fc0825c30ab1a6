using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.Core.Access;
using HaGrpc.Core.Audit;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;
using AuditEntry = HaGrpc.Core.Audit.AuditEntry;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl audit</c>: who has asked for what, and whether that still stands as it was written.</summary>
internal static class AuditCommand
{
    private const int Most = 10_000;

    internal static Command Create(CommandRunner runner) => new("audit", "Show who has asked for what, and verify that nothing of it was changed.")
    {
        CreateList(runner), AuditVerifyCommand.Create(runner), CreateHead(runner), CreateExport(runner),
    };

    /// <summary>The entries that are asked for, as they come.</summary>
    internal static async IAsyncEnumerable<AuditEntry> ReadAsync(CommandRunner.Call call, ReadAuditRequest request)
    {
        using var stream = call.ControlPlane.Audit.ReadAudit(request, call.Patient);
        await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
            yield return answer.Entry.ToModel();
    }

    private static Command CreateList(CommandRunner runner)
    {
        var actor = new Option<string?>("--actor") { Description = "only of this one, as the ACTOR column says it", HelpName = "ACTOR" };
        var called = new Option<string?>("--call") { Description = "only of calls whose name begins so, such as apply, stop or AdminService/Apply", HelpName = "CALL" };
        var about = new Option<string?>("--object") { Description = "only about this: group/NAME, host/NAME, program/GROUP:NAME", HelpName = "OBJECT" };
        var result = new Option<string?>("--result") { Description = "only with this result: ok, failed, or a status such as PERMISSION_DENIED", HelpName = "RESULT" };
        var since = Instant("--since", "not earlier: 2h (ago), 2026-11-26, 2026-11-26T06:55:00Z", runner);
        var until = Instant("--until", "earlier: as --since", runner);
        var count = EventsCommand.Count("how many calls", 1, Most, 20);
        var command = new Command("list", "Show calls that changed something, or were refused.") { actor, called, about, result, since, until, count };
        runner.Attach(command, async call =>
        {
            var request = new ReadAuditRequest
            {
                Filter = new()
                {
                    Actor = call.Parsed.GetValue(actor) ?? "",
                    Call = call.Parsed.GetValue(called) ?? "",
                    Object = call.Parsed.GetValue(about) ?? "",
                    Result = ResultOf(call.Parsed.GetValue(result)),
                    Since = call.Parsed.GetValue(since)?.ToTimestamp(),
                    Until = call.Parsed.GetValue(until)?.ToTimestamp(),
                    Calls = true,
                },
                Newest = call.Parsed.GetValue(count),
            };
            var entries = new List<AuditEntry>();
            await foreach (var entry in ReadAsync(call, request).ConfigureAwait(false))
                entries.Add(entry);
            Print(call, entries);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateHead(CommandRunner runner)
    {
        var command = new Command("head", "Show the newest entry's number and hash: noted elsewhere, they make verify find a rewritten audit.");
        runner.Attach(command, async call =>
        {
            var said = await call.ControlPlane.Audit.GetAuditHeadAsync(new(), call.Short).ConfigureAwait(false);
            if (call.Json)
                Json.Write(call.Out, new AuditHeadJson(said.Id, said.Hash), shapes => shapes.AuditHeadJson);
            else
                call.Out.WriteLine(new AuditHead(said.Id, said.Hash));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateExport(CommandRunner runner)
    {
        var after = new Option<long>("--after") { Description = "only entries with a higher number", HelpName = "ID" };
        var command = new Command("export", "Write every entry as a line of JSON, which verify --file reads.") { after };
        runner.Attach(command, async call =>
        {
            await foreach (var entry in ReadAsync(call, new() { AfterId = call.Parsed.GetValue(after) }).ConfigureAwait(false))
                Line(call, entry);
            await call.Out.FlushAsync(call.Cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(CommandRunner.Call call, IReadOnlyList<AuditEntry> entries)
    {
        if (call.JsonLines)
        {
            foreach (var entry in entries)
                Line(call, entry);
            return;
        }
        if (call.Json)
        {
            Json.Write(call.Out, new AuditJson([.. entries.Select(AuditEntryJson.Of)]), shapes => shapes.AuditJson);
            return;
        }
        var table = new Table("ID", "AT", "ACTOR", "FROM", "CALL", "OBJECTS", "RESULT", "REASON");
        foreach (var entry in entries)
        {
            var why = entry.Detail.Length == 0 ? entry.Reason : entry.Reason.Length == 0 ? entry.Detail : $"{entry.Reason} ({entry.Detail})";
            table.Add(
                entry.Id.ToString(CultureInfo.InvariantCulture),
                Local(entry.At, call.Surroundings.Time),
                ActorName.Shown(entry.Actor),
                entry.Address,
                entry.Call[(entry.Call.IndexOf('/', StringComparison.Ordinal) + 1)..],
                Shortened(entry.Objects),
                entry.Result.Length > 0 ? entry.Result : Speech.Of("no end known"),
                why);
        }
        table.Print(call.Out);
    }

    private static string Shortened(IReadOnlyList<string> objects) =>
        objects.Count <= 3 ? string.Join(", ", objects) : Speech.Of($"{string.Join(", ", objects.Take(2))} and {objects.Count - 2} more");

    private static void Line(CommandRunner.Call call, AuditEntry entry) =>
        Json.Write(call.Out, AuditEntryJson.Of(entry), shapes => shapes.AuditEntryJson, line: true);

    private static string ResultOf(string? given) => given switch
    {
        null => "",
        "failed" => "failed",
        _ => given.ToUpperInvariant(),
    };

    // What is no time is shown as it is: it may be what somebody has made of it.
    private static string Local(string at, TimeProvider time) =>
        DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? Times.Full(instant.ToTimestamp(), time)[..19]
            : at;

    private static Option<DateTimeOffset?> Instant(string name, string description, CommandRunner runner) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var time = runner.Surroundings.Time;
            if (DurationText.TryParse(text, out var ago) && ago > TimeSpan.Zero)
                return time.GetUtcNow() - ago;
            if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at))
            {
                return at.Kind == DateTimeKind.Unspecified
                    ? new DateTimeOffset(at, time.LocalTimeZone.GetUtcOffset(at))
                    : new DateTimeOffset(at);
            }
            result.AddError(Speech.Of($"{name} {text}: must be a time ago such as 2h, a day such as 2026-11-26, or a time such as 2026-11-26T06:55:00Z"));
            return null;
        },
    };
}
