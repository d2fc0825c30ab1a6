using System.Globalization;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>How an agent tells of many changed programs; on a clock that moves only when it is told to.</summary>
public sealed class ReportPaceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Outbox _outbox;
    private int _changes;

    public ReportPaceTests() => _outbox = new(Guid.NewGuid(), _time);

    public void Dispose() => _outbox.Dispose();

    [Fact]
    public void A_few_changes_are_told_at_once_and_many_are_gathered()
    {
        for (var i = 0; i < ReportPace.AtOnce; i++)
            Change().ShouldBe(1);
        Change().ShouldBe(0);
        Change().ShouldBe(0);
        _time.Advance(ReportPace.Pause - TimeSpan.FromTicks(1));
        Taken().ShouldBe(0);
        _time.Advance(TimeSpan.FromTicks(1));
        Taken().ShouldBe(2);
        Change().ShouldBe(0, "the next one waits as well");

        _time.Advance(TimeSpan.FromHours(1));
        Taken().ShouldBe(1);
        for (var i = 1; i < ReportPace.AtOnce; i++)
            Change().ShouldBe(1);
        Change().ShouldBe(0, "however long it was quiet");
    }

    [Fact]
    public void Nothing_else_waits_behind_a_report_that_is_not_due()
    {
        while (Change() > 0)
        {
        }
        _outbox.Post(new Core.Ownership.Heartbeat(Guid.NewGuid(), 1, 0, [], [], [], TimeSpan.Zero));
        _outbox.TakeNext()!.MessageCase.ShouldBe(AttachRequest.MessageOneofCase.Heartbeat);
        _outbox.Post(new OwnersDirectories { Group = "web" });
        _outbox.TakeNext()!.MessageCase.ShouldBe(AttachRequest.MessageOneofCase.OwnersDirectories);
    }

    [Fact]
    public async Task Who_sends_is_woken_when_the_report_is_due()
    {
        while (Change() > 0)
        {
        }
        var cancellation = TestContext.Current.CancellationToken;
        await _outbox.WaitAsync(cancellation);
        // That was the post. Nobody posts any more.
        await _outbox.WaitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(20), cancellation);
        _time.Advance(ReportPace.Pause);
        Taken().ShouldBe(1);
    }

    [Fact]
    public void An_agent_that_ends_tells_all_it_knows()
    {
        while (Change() > 0)
        {
        }
        _outbox.Close();
        Taken().ShouldBe(1);
    }

    /// <summary>One more program changes.</summary>
    /// <returns>How many programs are told of then.</returns>
    private int Change()
    {
        _outbox.Post(Program(++_changes));
        return Taken();
    }

    private int Taken() => _outbox.TakeNext()?.ProgramReport.Programs.Count ?? 0;

    private static ObservedProgram Program(int number) => new(
        new("web", number.ToString(CultureInfo.InvariantCulture)), Core.Supervision.ProgramState.Running, 1, DateTimeOffset.UnixEpoch, 0, "", 0);
}
