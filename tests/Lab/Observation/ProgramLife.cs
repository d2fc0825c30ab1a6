namespace HaGrpc.Lab.Observation;

/// <summary>One life of a program of the set; <see cref="ReadyAt"/> is 0 until it served.</summary>
internal sealed record ProgramLife(string Host, string Role, int Pid, long StartedAt, long ReadyAt, long EndedAt)
{
    public Interval Interval => new(Host, $"{Role} ({Pid})", StartedAt, EndedAt);
}
