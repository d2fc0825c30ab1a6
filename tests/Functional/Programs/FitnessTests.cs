using System.Collections.Concurrent;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>When a host says that it cannot run a group (rule C5), and when it takes that back.</summary>
public sealed class FitnessTests : IAsyncDisposable
{
    private const string Missing = "/nonexistent/store";
    private readonly RunningHost _host = RunningHost.Create();
    private readonly ConcurrentQueue<(string Group, string Reason)> _said = new();

    public FitnessTests() => _host.Host.FitnessChanged = (group, reason) => _said.Enqueue((group, reason));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_fatal_program_makes_its_host_unfit_until_somebody_mends_it()
    {
        var broken = RunningHost.Define("store", Missing) with { FatalAction = FatalAction.FailOver };
        _host.Run(broken);
        await Said(1);
        _said.Last().ShouldBe((RunningHost.Group, $"web:store is FATAL there: can't find command '{Missing}': No such file or directory (errno 2)"));

        // The group goes; nothing has been mended by that, nor by an edit of something else.
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true);
        _host.Host.Configure([broken with { Priority = 7 }]);
        (await _host.Until("store", p => p.State == ProgramState.Stopped)).Detail.ShouldBeEmpty();
        _said.Count.ShouldBe(1);

        _host.Host.Configure([broken with { Command = "sleep 1000" }]);
        await Said(2);
        _said.Last().ShouldBe((RunningHost.Group, ""));
    }

    [Fact]
    public async Task A_program_that_runs_after_all_makes_its_host_fit_again()
    {
        var late = Path.Combine(_host.Scratch, "late");
        _host.Run(RunningHost.Define("store", late) with { FatalAction = FatalAction.FailOver, FatalRetryAfter = TimeSpan.FromMilliseconds(50) });
        await Said(1);
        File.Move(Executable.Write(late + ".new", "#!/bin/sh\nexec sleep 1000\n"), late, overwrite: true);
        await _host.UntilRunning("store");
        await Eventually.Until("it is fit again", TimeSpan.FromSeconds(60), () => _said.LastOrDefault() == (RunningHost.Group, ""));
    }

    [Fact]
    public async Task A_new_epoch_is_tried_afresh()
    {
        _host.Run(RunningHost.Define("store", Missing) with { FatalAction = FatalAction.FailOver });
        await Said(1);
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: false);
        _host.Host.Activate(RunningHost.Group, 3, () => true, _ => { }, () => { });
        await Said(3);
        _said.Select(s => s.Reason.Length > 0).ShouldBe([true, false, true]);
    }

    [Fact]
    public async Task Of_two_fatal_programs_the_mending_of_one_leaves_it_unfit_for_the_other()
    {
        var store = RunningHost.Define("store", Missing) with { FatalAction = FatalAction.FailOver };
        var index = RunningHost.Define("index", Missing) with { FatalAction = FatalAction.FailOver, Priority = 1000 };
        _host.Run(store, index);
        await _host.Until("index", p => p.State == ProgramState.Fatal);
        index = index with { Command = "sleep 1000" };
        _host.Host.Configure([store, index]);
        await _host.UntilRunning("index");
        _said.Last().Reason.ShouldStartWith("web:store is FATAL there: ");
        _host.Host.Configure([store with { Command = "sleep 1000" }, index]);
        await Eventually.Until("it is fit again", TimeSpan.FromSeconds(60), () => _said.LastOrDefault() == (RunningHost.Group, ""));
    }

    private Task Said(int count) => Eventually.Until($"{count} words were said", TimeSpan.FromSeconds(60), () => _said.Count >= count);
}
