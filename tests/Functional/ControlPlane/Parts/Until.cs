namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>Bounded waiting for the state of another part, which sends no event.</summary>
internal static class Until
{
    /// <summary>Far more than anything here takes on a busy machine; reaching it is the failure.</summary>
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(60);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(Bound);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"not within {Bound.TotalSeconds} s: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
