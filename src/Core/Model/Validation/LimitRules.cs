using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>A program's limits. What a host cannot do is found out there.</summary>
internal static class LimitRules
{
    private const long LeastMemory = 1L << 20;
    private const int LeastCpu = 10, MostCpu = 1_000_000, MostPids = 4_194_304;

    internal static void Check(Limits? limits, string path, ICollection<FieldError> errors)
    {
        if (limits is null)
            return;
        foreach (var (name, limit) in limits.Rlimits)
        {
            if (RlimitProblem(name, limit) is { } problem)
                Add($"rlimits.{name}", limit.ToString(), problem);
        }
        Range("nice", limits.Nice, -20, 19);
        Range("oom_score_adj", limits.OomScoreAdj, -1000, 1000);
        if (limits.Memory is { } memory && memory < LeastMemory)
            Add("memory", SizeText.Format(memory), $"must be at least {SizeText.Format(LeastMemory)}: hardly anything starts with less");
        if (limits.MemorySwap is < 0)
            Add("memory_swap", Text(limits.MemorySwap.Value), "must not be negative; 0 means no swap");
        if (limits.CpuMillis is < LeastCpu or > MostCpu)
            Add("cpu", $"{Text(limits.CpuMillis.Value)} thousandths of a core", "must be 1% to 100000%, 100% being one core");
        Range("pids", limits.Pids, 1, MostPids);

        void Range(string field, int? value, int from, int to)
        {
            if (value < from || value > to)
                Add(field, Text(value.Value), $"must be {Text(from)} to {Text(to)}");
        }

        void Add(string field, string value, string message) => errors.Add(new($"{path}.{field}", value, message));
    }

    private static string? RlimitProblem(string name, ResourceLimit limit)
    {
        if (!ResourceNames.Units.ContainsKey(name))
        {
            return NearestName.Of(name, ResourceNames.Units.Keys) is { } near
                ? $"no limit of that name; did you mean {near}?"
                : $"no limit of that name; there are {string.Join(", ", ResourceNames.Units.Keys)}";
        }
        if (limit.Soft < 0 || limit.Hard < 0)
            return $"must not be negative; write {ResourceLimit.Unlimited} for no limit";
        if (limit.Hard is { } hard && (limit.Soft is not { } soft || soft > hard))
            return "the soft limit must not be above the hard one: write soft:hard";
        return name == "nofile" && limit.Hard is null
            ? "must be a number: the kernel knows no unlimited number of files (fs.nr_open, 1048576 unless it was changed)"
            : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
