using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Connection;

/// <summary>The command line cannot be carried out as it is; the message says what would be right.</summary>
internal sealed class UsageException : Exception
{
    /// <param name="message">A message as it is.</param>
    internal UsageException(string message)
        : base(Speech.Of(message))
    {
    }

    /// <param name="message">A message in the language that is spoken.</param>
    internal UsageException(Phrase message)
        : base(message.ToString())
    {
    }
}
