using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Output;

/// <summary>Results that nobody can get: the disk is full, or what they were to go to is closed.</summary>
internal static class OutputFailure
{
    /// <summary>Says so, where that is still possible.</summary>
    /// <param name="error">Why.</param>
    /// <param name="to">Standard error, which may be closed itself.</param>
    /// <param name="language">Null for English.</param>
    /// <returns>The exit code.</returns>
    internal static int Tell(Exception error, Func<TextWriter> to, Catalogue? language)
    {
        Speech.Speak(language);
        try
        {
            to().WriteLine($"hactl: {Speech.Of($"standard output cannot be written: {(error.InnerException ?? error).Message}")}");
        }
        catch (Exception also) when (also is IOException or UnauthorizedAccessException)
        {
            // The exit code says it alone.
        }
        return ExitCode.Refused;
    }
}
