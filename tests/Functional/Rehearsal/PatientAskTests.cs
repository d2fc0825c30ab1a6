using HaGrpc.Agent.Rehearsal;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Rehearsal;

/// <summary>A question that never ends costs its patience once, and one thread.</summary>
public sealed class PatientAskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _answers = new();
    private readonly PatientAsk _ask;
    private int _asked;

    public PatientAskTests() => _ask = new(Patience, _time);

    public void Dispose() => _answers.Dispose();

    [Fact]
    public async Task What_hangs_is_given_up_and_not_asked_again_until_it_answers()
    {
        var first = AskAsync("nfs");
        var same = AskAsync("nfs");
        (await _ask.AskAsync("disk", () => "here", "silent")).ShouldBe("here");
        await Lab.World.Eventually.Until("it is asked", TimeSpan.FromSeconds(60), () => Volatile.Read(ref _asked) == 1);
        _time.Advance(Patience);
        (await first, await same).ShouldBe(("silent", "silent"));
        (await AskAsync("nfs")).ShouldBe("silent", "it is known to hang: nobody waits");
        _asked.ShouldBe(1);

        _answers.Set();
        await Lab.World.Eventually.Until("it is asked again", TimeSpan.FromSeconds(60), async () => await AskAsync("nfs") == "here", () => "");
    }

    [Fact]
    public async Task So_much_may_hang_and_no_more()
    {
        var hanging = Enumerable.Range(0, PatientAsk.MostHanging).Select(i => AskAsync($"nfs {i}")).ToArray();
        _time.Advance(Patience);
        (await Task.WhenAll(hanging)).ShouldAllBe(answer => answer == "silent");
        (await AskAsync("one more")).ShouldBe("silent");
        Volatile.Read(ref _asked).ShouldBeLessThanOrEqualTo(PatientAsk.MostHanging);
        _answers.Set();
    }

    [Fact]
    public async Task What_a_question_throws_is_thrown() =>
        await Should.ThrowAsync<IOException>(() => _ask.AskAsync<string>("bad", () => throw new IOException("bad"), "silent"));

    private Task<string> AskAsync(string about) => _ask.AskAsync(
        about,
        () =>
        {
            Interlocked.Increment(ref _asked);
            _answers.Wait();
            return "here";
        },
        "silent");
}
