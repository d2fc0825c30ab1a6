namespace HaGrpc.Core.Access;

/// <summary>
/// How whoever did something is named for people, everywhere the same. What is stored says by what they were known: <c>CN=eve</c> is the subject of a
/// certificate, <c>token/eve</c> the account of a token, an address somebody unknown.
/// </summary>
public static class ActorName
{
    private const string CommonName = "CN=";

    /// <summary>A subject that is nothing but a name is shown as that name; all else as it is.</summary>
    public static string Shown(string actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return actor.StartsWith(CommonName, StringComparison.Ordinal) && actor.Length > CommonName.Length && actor.AsSpan().IndexOfAny(",+\"\\") < 0
            ? actor[CommonName.Length..]
            : actor;
    }

    /// <summary>What may be stored of somebody who is shown so; the name itself is the first.</summary>
    public static (string AsShown, string AsSubject) Stored(string shown) => (shown, CommonName + shown);
}
