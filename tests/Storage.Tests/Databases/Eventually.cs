namespace HaGrpc.Storage.Tests.Databases;

/// <summary>Bounded waiting for the state of another process, which sends no event.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"not within 60 s: {what}");
            await Task.Delay(10);
        }
    }
}
