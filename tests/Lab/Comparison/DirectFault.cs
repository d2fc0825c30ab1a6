using HaGrpc.Lab.Faults;

namespace HaGrpc.Lab.Comparison;

/// <summary>A fault that a pair brings about itself: what it is differs from one system to another.</summary>
internal sealed class DirectFault(string kind, string target, Damage damage, Func<Task> begin, Func<Task> end) : Fault(kind, target)
{
    public override Damage Damage => damage;

    protected override Task Begin() => begin();

    protected override Task End() => end();
}
