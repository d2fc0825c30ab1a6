using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class ReactionTableTests
{
    private static readonly BootInstant Now = new(100_000_000_000);

    private static readonly ProgramEvent[] Events =
    [
        new StartWanted(), new StopWanted(), new KillWanted(), new RestartWanted(),
        new ProgramExecuted(7, Now), new StartFailed("no", Now), new StartRefused("lease over"),
        new ProgramEnded(0, Now, EndCause.Own), new ShimLost(), new TimerFired(),
        new BecameReady(), new CheckFailed("no answer"),
    ];

    [Fact]
    public void Every_cell_is_filled()
    {
        ReactionTable.States.ToArray().ShouldBe(Enum.GetValues<ProgramState>(), ignoreOrder: true);
        Enum.GetValues<ProgramEventKind>().Length.ShouldBe(ReactionTable.Columns);
        ReactionTable.Cells.Length.ShouldBe(ReactionTable.States.Length * ReactionTable.Columns);
        ReactionTable.Cells.ToArray().ShouldNotContain(Reaction.Unfilled);
    }

    [Fact]
    public void Every_event_is_taken_in_every_state()
    {
        Events.Select(e => e.Kind).ShouldBe(Enum.GetValues<ProgramEventKind>());
        var program = new Program { Name = new("g", "p"), Command = "x" };
        foreach (var state in Enum.GetValues<ProgramState>())
        {
            foreach (var intent in Enum.GetValues<Intent>())
            {
                foreach (var happened in Events)
                {
                    var before = ProgramCondition.Initial with { State = state, Intent = intent };
                    var after = ProgramMachine.Step(before, happened, program, Now, 0).Condition;
                    Enum.IsDefined(after.State).ShouldBeTrue();
                }
            }
        }
    }

    [Fact]
    public void Nothing_is_spawned_while_a_process_may_be_alive()
    {
        var program = new Program { Name = new("g", "p"), Command = "x", Restart = RestartPolicy.Always };
        foreach (var state in Enum.GetValues<ProgramState>())
        {
            foreach (var happened in Events.Where(e => e.Kind != ProgramEventKind.Ended))
            {
                var before = ProgramCondition.Initial with { State = state, Intent = Intent.Restart, Pid = 7, StartedAt = Now };
                // A spawn that failed leaves no process either.
                if (!before.MayBeAlive || happened is StartFailed or StartRefused)
                    continue;
                ProgramMachine.Step(before, happened, program, Now, 0).Effects.ShouldNotContain(e => e is Spawn);
            }
        }
    }

    [Fact]
    public void An_event_that_wants_an_end_never_leaves_it_wanted_to_run()
    {
        var program = new Program { Name = new("g", "p"), Command = "x", Restart = RestartPolicy.Always };
        foreach (var state in Enum.GetValues<ProgramState>())
        {
            foreach (var end in new ProgramEvent[] { new StopWanted(), new KillWanted() })
            {
                var before = ProgramCondition.Initial with { State = state, Intent = Intent.Run, Pid = 7, StartedAt = Now };
                var after = ProgramMachine.Step(before, end, program, Now, 0).Condition;
                var settled = ProgramMachine.Step(after, new ProgramEnded(1, Now, EndCause.Own), program, Now, 0);
                settled.Effects.ShouldNotContain(e => e is Spawn, $"{state} {end.Kind}");
            }
        }
    }
}
