using HaGrpc.Agent.Platform;

namespace HaGrpc.Functional.Tests.Agent;

public sealed class RestingMemoryTests
{
    private readonly RestingMemory _memory;
    private long _allocated;
    private int _returned;

    public RestingMemoryTests() => _memory = new(() => _allocated, () => _returned++);

    [Fact]
    public void Memory_is_given_back_once_when_much_work_is_done()
    {
        Period(RestingMemory.Worth);
        Period(RestingMemory.Rest);
        _returned.ShouldBe(0, "it is still at work");
        Period(RestingMemory.Rest - 1);
        _returned.ShouldBe(1);
        for (var period = 0; period < 10; period++)
            Period(10_000);
        _returned.ShouldBe(1, "little was allocated since");
    }

    [Fact]
    public void Heartbeats_alone_make_it_collect_seldom()
    {
        const int Heartbeat = 10_000;
        var periods = (int)(RestingMemory.Worth / Heartbeat) * 3;
        for (var period = 0; period < periods; period++)
            Period(Heartbeat);
        _returned.ShouldBeInRange(2, 3);
    }

    private void Period(long bytes)
    {
        _allocated += bytes;
        _memory.Look();
    }
}
