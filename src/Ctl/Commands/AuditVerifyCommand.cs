using System.CommandLine;
using System.Text.Json;
using HaGrpc.Core.Audit;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl audit verify</c>: computes every hash here, from what it reads, so that nobody has to be believed.</summary>
internal static class AuditVerifyCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var noted = new Option<string[]>("--head")
        {
            Description = "what audit head printed once, noted elsewhere; may be given several times",
            HelpName = "ID:HASH",
        };
        var file = new Option<string?>("--file") { Description = "read an export instead of asking the control plane; - for standard input", HelpName = "FILE" };
        var command = new Command("verify", "Compute the chain of hashes again, and name the first entry that is not as it was written.") { noted, file };
        runner.Attach(command, async call =>
        {
            var verifier = new AuditVerifier([.. (call.Parsed.GetValue(noted) ?? []).Select(HeadOf)]);
            if (call.Parsed.GetValue(file) is { } path)
                Verify(verifier, path, call.Surroundings.In);
            else
                await VerifyAsync(verifier, call).ConfigureAwait(false);
            if (call.Json)
            {
                var head = new AuditHeadJson(verifier.Head.Id, verifier.Head.Hash);
                Json.Write(call.Out, new AuditVerifiedJson(verifier.Problem is null, verifier.Problem, head), shapes => shapes.AuditVerifiedJson);
            }
            else if (verifier.Problem is null)
            {
                call.Out.WriteLine(verifier.Head.Id == 0
                    ? Speech.Of("unbroken: there are no entries")
                    : Speech.Of($"unbroken: entries 1 to {verifier.Head.Id}; head {verifier.Head}"));
            }
            else
            {
                call.Out.Tell($"BROKEN: {verifier.Problem}");
                call.Out.WriteLine(verifier.Head.Id == 0 ? Speech.Of("No entry before it is right.") : Speech.Of($"Entries 1 to {verifier.Head.Id} are as they were written."));
            }
            return verifier.Problem is null ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static AuditHead HeadOf(string text) => AuditHead.TryParse(text, out var head)
        ? head
        : throw new UsageException($"--head {text}: must be a number, a colon and 64 hexadecimal digits, as audit head prints them");

    private static async Task VerifyAsync(AuditVerifier verifier, CommandRunner.Call call)
    {
        // First the head: what is written meanwhile is only more.
        var said = await call.ControlPlane.Audit.GetAuditHeadAsync(new(), call.Short).ConfigureAwait(false);
        await foreach (var entry in AuditCommand.ReadAsync(call, new V1.ReadAuditRequest()).ConfigureAwait(false))
        {
            if (!verifier.Take(entry))
                return;
        }
        verifier.End(new(said.Id, said.Hash));
    }

    private static void Verify(AuditVerifier verifier, string path, TextReader input)
    {
        var number = 0;
        try
        {
            using var opened = path == "-" ? null : File.OpenText(path);
            var reader = opened ?? input;
            while (reader.ReadLine() is { } line)
            {
                number++;
                if (line.Length > 0 && !verifier.Take(AuditEntryJson.Read(line)))
                    return;
            }
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path}:{number}: no entry of an audit: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--file {path}: cannot be read: {error.Message}");
        }
        verifier.End(verifier.Head);
    }
}
