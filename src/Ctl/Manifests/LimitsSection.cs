using System.Globalization;
using HaGrpc.Contracts;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>The field <c>limits</c> of a program.</summary>
internal static class LimitsSection
{
    /// <summary>Null when the field is absent.</summary>
    internal static Limits? Read(MapReader program)
    {
        if (program.Map("limits") is not { } map)
            return null;
        var limits = new Model.Limits
        {
            Nice = map.Number("nice"),
            OomScoreAdj = map.Number("oom_score_adj"),
            Memory = Size(map, "memory"),
            MemorySwap = Size(map, "memory_swap"),
            CpuMillis = Cpu(map),
            Pids = map.Number("pids"),
        }.ToProto();
        if (map.Map("rlimits") is { } rlimits)
        {
            foreach (var (name, unit) in Model.ResourceNames.Units)
            {
                if (Rlimit(rlimits, name, unit) is { } limit)
                    limits.Rlimits[name] = limit.ToProto();
            }
            rlimits.RefuseOthers();
        }
        map.RefuseOthers();
        return limits;
    }

    private static Model.ResourceLimit? Rlimit(MapReader rlimits, string name, Model.ResourceUnit unit)
    {
        if (rlimits.Node(name) is YamlMap)
        {
            var pair = rlimits.Map(name)!;
            var isRight = TrySide(pair, "soft", unit, out var soft) & TrySide(pair, "hard", unit, out var hard);
            pair.RefuseOthers();
            return isRight ? new(soft, hard) : null;
        }
        if (rlimits.Text(name) is not { } text)
            return null;
        var parts = text.Split(':');
        if (parts.Length <= 2 && TryLimit(parts[0], unit, out var first) && TryLimit(parts[^1], unit, out var last))
            return new(first, last);
        rlimits.Wrong(name, rlimits.Node(name)!, $"must be {Right(unit)}, or soft:hard of them");
        return null;
    }

    private static bool TrySide(MapReader pair, string field, Model.ResourceUnit unit, out long? value)
    {
        value = null;
        pair.Missing(field, "a limit needs soft and hard, or one value for both");
        if (pair.Text(field) is not { } text)
            return false;
        if (TryLimit(text, unit, out value))
            return true;
        pair.Wrong(field, pair.Node(field)!, $"must be {Right(unit)}");
        return false;
    }

    private static bool TryLimit(string text, Model.ResourceUnit unit, out long? value)
    {
        value = null;
        if (text == Model.ResourceLimit.Unlimited)
            return true;
        var isRight = unit == Model.ResourceUnit.Bytes
            ? Model.SizeText.TryParse(text, out var number)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        value = number;
        return isRight;
    }

    private static string Right(Model.ResourceUnit unit) => unit switch
    {
        Model.ResourceUnit.Bytes => "a size such as 64mb, or unlimited",
        Model.ResourceUnit.Seconds => "a whole number of seconds, or unlimited",
        Model.ResourceUnit.Microseconds => "a whole number of microseconds, or unlimited",
        _ => "a whole number, or unlimited",
    };

    private static long? Size(MapReader map, string field)
    {
        if (map.Text(field) is not { } text)
            return null;
        if (Model.SizeText.TryParse(text, out var bytes))
            return bytes;
        map.Wrong(field, map.Node(field)!, "must be a size: 65536, 64kb, 512mb or 2gb");
        return null;
    }

    private static int? Cpu(MapReader map)
    {
        if (map.Text("cpu") is not { } text)
            return null;
        var isPercent = text.EndsWith('%');
        if (decimal.TryParse(isPercent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number <= 1_000_000 && number * (isPercent ? 10 : 1000) is var millis && millis == decimal.Truncate(millis))
        {
            return (int)millis;
        }
        map.Wrong("cpu", map.Node("cpu")!, "must be cores, as 150% or 1.5, to a thousandth");
        return null;
    }
}
