using System.CommandLine;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl logs [-f] [-n LINES] GROUP</c>: the log files of a group's programs, line by line.</summary>
internal static class LogsCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var name = new Argument<string>("GROUP") { Description = "a group, or group:program" };
        var follow = LogCall.FollowOption();
        var lines = LogCall.LinesOption();
        var command = new Command("logs", "Show the end of the log files of a group's programs, both channels, line by line.") { name, follow, lines };
        runner.Attach(command, call =>
        {
            var selector = call.Parsed.GetRequiredValue(name);
            var (group, program) = Selectors.Split(selector);
            var request = new TailLogsRequest
            {
                Group = group,
                Program = program,
                Lines = call.Parsed.GetValue(lines),
                Follow = call.Parsed.GetValue(follow),
            };
            var bytes = call.Surroundings.Bytes;
            LogOutput output = call.Json ? new JsonLogs(bytes, group) : new PlainLogs(bytes, call.Surroundings.IsTerminal, hasNames: true);
            return new LogCall(call, request, selector, output).RunAsync();
        });
        return command;
    }
}
