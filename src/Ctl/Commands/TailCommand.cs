using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl tail [-f] [-n LINES] GROUP:PROGRAM [stdout|stderr]</c>: one log file of one program.</summary>
internal static class TailCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var program = new Argument<string>("GROUP:PROGRAM") { Description = "whose log file" };
        var channel = new Argument<string>("stdout|stderr")
        {
            Description = "which of its log files",
            DefaultValueFactory = _ => "stdout",
        };
        channel.AcceptOnlyFromAmong("stdout", "stderr");
        var follow = LogCall.FollowOption();
        var lines = LogCall.LinesOption();
        var command = new Command("tail", "Show the end of a program's log file.") { program, channel, follow, lines };
        runner.Attach(command, call =>
        {
            var name = call.Parsed.GetRequiredValue(program);
            var (group, its) = Selectors.Split(name);
            if (its.Length == 0)
                throw new UsageException($"{name}: name one program as GROUP:PROGRAM; those of a group together: hactl logs {group}");
            var request = new TailLogsRequest
            {
                Group = group,
                Program = its,
                Channel = call.Parsed.GetValue(channel) == "stderr" ? LogChannel.Stderr : LogChannel.Stdout,
                Lines = call.Parsed.GetValue(lines),
                Follow = call.Parsed.GetValue(follow),
            };
            var bytes = call.Surroundings.Bytes;
            LogOutput output = call.Json ? new JsonLogs(bytes, group)
                : call.Surroundings.IsTerminal ? new PlainLogs(bytes, isTerminal: true, hasNames: false)
                : new RawLog(bytes);
            return new LogCall(call, request, name, output).RunAsync();
        });
        return command;
    }
}
