namespace HaGrpc.Functional.Tests.Compat;

/// <summary>The real supervisorctl, command by command, beside a real supervisord with the same programs.</summary>
public sealed class ConformanceTests
{
    private static readonly string[] Commands =
    [
        "!until RUNNING app:db", "!until RUNNING solo", "!until RUNNING app:web", "!until RUNNING app:reader",
        "!config app:db", "status", "status app:*", "status solo", "status nope", "status app:nope", "pid", "pid solo", "pid app:once", "pid nope",
        "start solo", "start app:once", "!until EXITED app:once", "start app:crash", "start app:missing", "start app:plain",
        "start nope", "start nope:*", "start app:nope", "start", "start solo app:web nope",
        "status app:once", "!until FATAL app:crash", "status app:crash", "!race app:slow",
        "stop app:slow", "stop nope", "stop nope:*", "stop", "stop solo", "stop solo", "status solo", "start solo", "restart solo", "restart nope",
        "signal CONT solo", "signal 18 solo", "signal NOPE solo", "signal CONT app:once", "signal CONT nope", "signal CONT nope:*", "signal CONT app:*",
        "tail app:db", "tail app:db stderr", "tail -3 app:db", "tail nope", "tail solo", "tail app:db bogus", "!tail-f app:db", "clear app:db",
        "tail app:db", "clear nope", "clear solo",
        "avail", "reread", "update", "add app", "add nope", "remove nope", "remove app", "stop app:*", "remove app", "status", "reread", "avail",
        "status app:web", "start app:web", "add app", "!until RUNNING app:db", "!until RUNNING app:web", "status app:web app:once", "update",
        "start mixed:*", "!until FATAL mixed:a-crash", "start mixed:", "restart mixed:*", "pid mixed:well", "signal 0 mixed:well", "signal 0 mixed:b-missing",
        "signal IOT mixed:b-missing", "signal sigrtmin mixed:b-missing", "signal CONT all", "signal CONT mixed:* nope:* solo", "status mixed: nope:* solo", "status :x",
        "clear mixed:*", "clear mixed:well nope solo", "tail --5 app:db", "tail -0 app:db", "tail -x app:db", "tail app:db STDERR", "maintail x", "fg", "fg nope", "fg app:*",
        "add app app nope", "remove mixed solo nope", "avail x", "version x", "help stop", "help nope", "open nope",
        "stop solo", "remove solo", "update", "!until RUNNING solo", "update nope", "stop all", "stop all", "bogus", "fg solo",
    ];

    [Fact]
    public async Task Every_command_answers_as_beside_a_real_supervisord()
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-compat-").FullName;
        var (ours, theirs) = (Directory.CreateDirectory($"{folder}/ours").FullName, Directory.CreateDirectory($"{folder}/theirs").FullName);
        await File.WriteAllTextAsync($"{folder}/plain", "no program");
        var programs = Wanted.All(folder);
        await using (var supervisord = await Supervisord.StartAsync(theirs, programs))
        await using (var agent = await ServedAgent.StartAsync(ours, programs))
        {
            var said = await Task.WhenAll(agent.SayAsync(Commands), Supervisorctl.RunAsync(supervisord.Socket, Commands));
            var (us, them) = (Supervisorctl.ByCommand(said[0]), Supervisorctl.ByCommand(said[1]));
            us.Count.ShouldBe(Commands.Length);
            string.Join('\n', us.Where(answer => Sorted(answer.Value) != Sorted(them[answer.Key]))
                .Select(answer => $"{answer.Key}\nours:\n{answer.Value}theirs:\n{them[answer.Key]}")).ShouldBeEmpty(agent.Said);
        }
        Directory.Delete(folder, recursive: true);
    }

    // Supervisor's order of results is that of its loop's discoveries.
    private static string Sorted(string answer) => string.Join('\n', answer.Split('\n').Order(StringComparer.Ordinal));
}
