namespace HaGrpc.Lab.Reporting;

/// <summary>Least, middle and greatest of several runs' values.</summary>
internal sealed record Distribution(double Minimum, double Median, double Maximum, int Count)
{
    public static Distribution Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(sorted[0], median, sorted[^1], sorted.Length);
    }
}
