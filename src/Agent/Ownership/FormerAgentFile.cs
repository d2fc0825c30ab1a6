using HaGrpc.Core.Absence;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// Tells an agent how the one before it ended: a line in the state directory that says which boot it ran in, and whether it has ended. For people
/// only, so nothing waits for the disk, and a file that cannot be read or written costs only the word.
/// </summary>
/// <param name="directory">The state directory.</param>
/// <param name="bootId">Of the running kernel.</param>
internal sealed class FormerAgentFile(string directory, Guid bootId)
{
    private const string Runs = "runs", Ended = "ended";

    private string File => Path.Combine(directory, "agent");

    /// <summary>Reads what the former one left, and puts this one in its place.</summary>
    /// <returns>Null when there is no trace of a former one.</returns>
    public FormerAgent? Begin()
    {
        FormerAgent? former = null;
        try
        {
            if (System.IO.File.ReadAllText(File).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var boot, var state]
                && state is Runs or Ended && Guid.TryParse(boot, out var id))
            {
                former = new(id == bootId, state == Ended);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first one, or nobody knows.
        }
        Write(Runs);
        return former;
    }

    /// <summary>This one ends as it was asked to.</summary>
    public void End() => Write(Ended);

    private void Write(string state)
    {
        try
        {
            var temporary = File + ".tmp";
            System.IO.File.WriteAllText(temporary, $"{bootId} {state}\n");
            System.IO.File.Move(temporary, File, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep an agent from starting, or ending.
        }
    }
}
