namespace HaGrpc.Agent.Rehearsal;

/// <summary>
/// Asks what may never answer: a file system whose server is away, a directory of users. Each question has a thread of its own, which is
/// left behind when nothing comes. While it hangs, the same question is taken as not answered without being asked again; and when
/// <see cref="MostHanging"/> hang, so is every other one: such a host cannot be judged, and must not be filled with threads.
/// </summary>
/// <param name="patience">How long an answer may take.</param>
/// <param name="time">Counts it.</param>
internal sealed class PatientAsk(TimeSpan patience, TimeProvider time)
{
    /// <summary>How many questions may hang.</summary>
    public const int MostHanging = 64;

    // The agent's memory is locked, stacks too.
    private const int StackSize = 256 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _hanging = new(StringComparer.Ordinal);

    /// <summary>Asks.</summary>
    /// <param name="about">Names the question; whoever asks the same at the same time gets the same answer.</param>
    /// <param name="question">Blocks for as long as it likes.</param>
    /// <param name="none">What is returned when there is no answer in time.</param>
    /// <returns>The answer. What the question throws is thrown here.</returns>
    public async Task<T> AskAsync<T>(string about, Func<T> question, T none)
    {
        Task<T> answer;
        lock (_lock)
        {
            if (_hanging.Contains(about) || _hanging.Count >= MostHanging)
                return none;
            answer = _open.TryGetValue(about, out var open) ? (Task<T>)open : Begin(about, question);
        }
        try
        {
            return await answer.WaitAsync(patience, time);
        }
        catch (TimeoutException) when (!answer.IsCompleted)
        {
            lock (_lock)
            {
                if (_open.ContainsKey(about))
                    _ = _hanging.Add(about);
            }
            return none;
        }
    }

    private Task<T> Begin<T>(string about, Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[about] = answer.Task;
        new Thread(Ask, StackSize) { IsBackground = true, Name = "ask" }.Start();
        return answer.Task;

        void Ask()
        {
            try
            {
                var value = question();
                End();
                answer.SetResult(value);
            }
            catch (Exception e)
            {
                End();
                answer.SetException(e);
            }
        }

        void End()
        {
            lock (_lock)
            {
                _ = _open.Remove(about);
                _ = _hanging.Remove(about);
            }
        }
    }
}
