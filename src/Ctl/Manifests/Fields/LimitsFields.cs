using System.Globalization;
using HaGrpc.Ctl.Import.Emitting;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="LimitsSection"/> reads.</summary>
internal static class LimitsFields
{
    private static readonly Section<ResourceLimit> Pair = new("limit", new ResourceLimit(), isShort: true,
        new("soft", Amount, "what the kernel holds it to", _ => null, IsRequired: true),
        new("hard", Amount, "how far the program may raise it", _ => null, IsRequired: true));

    internal static Section<Limits> Rlimits { get; } = new("rlimits", new Limits(), isShort: true,
    [
        .. Model.ResourceNames.Units.Select(unit => new SectionField<Limits>(
            unit.Key, Any(Amount, Map(Pair)), "one value for both, soft:hard, or {soft, hard}", l => Rlimit(l, unit.Key, unit.Value))),
    ]);

    internal static Section<Limits> Section { get; } = new("limits", new Limits(), isShort: true,
        new("rlimits", Map(Rlimits), "setrlimit(2), for each process of the tree", l => l.Rlimits.Count == 0 ? null : new MapValue(Rlimits.Of(l))),
        new("nice", Number, "-20 (first) to 19 (last)", l => l.HasNice ? FieldValue.Number(l.Nice) : null),
        new("oom_score_adj", Number, "-1000 (never killed) to 1000 (first)", l => l.HasOomScoreAdj ? FieldValue.Number(l.OomScoreAdj) : null),
        new("memory", Amount, "bytes of all processes together", l => l.HasMemory ? FieldValue.Size(l.Memory) : null),
        new("memory_swap", Amount, "bytes of swap of all processes together", l => l.HasMemorySwap ? FieldValue.Size(l.MemorySwap) : null),
        new("cpu", Amount, "cores, as 150% or 1.5", l => l.HasCpuMillis ? Cpu(l.CpuMillis) : null),
        new("pids", Number, "processes and threads together", l => l.HasPids ? FieldValue.Number(l.Pids) : null));

    private static TextValue? Rlimit(Limits limits, string name, Model.ResourceUnit unit)
    {
        if (!limits.Rlimits.TryGetValue(name, out var limit))
            return null;
        var (soft, hard) = (Side(limit.HasSoft ? limit.Soft : null), Side(limit.HasHard ? limit.Hard : null));
        return new(soft == hard ? soft : $"{soft}:{hard}");

        string Side(long? value) => value is not { } amount ? Model.ResourceLimit.Unlimited
            : unit == Model.ResourceUnit.Bytes ? Model.SizeText.Format(amount) : amount.ToString(CultureInfo.InvariantCulture);
    }

    private static WordValue Cpu(int millis) => FieldValue.Word((millis / 10m).ToString("0.#", CultureInfo.InvariantCulture) + "%");
}
